/** Functions run by themselves: their caller holds what they expect and gives back what they return with. */
import { describe, expect, it } from 'vitest';
import { explore, loadProgram, scenarioNamed } from '../../../engine/simulate/index.ts';
import { overlayTree } from '../../../engine/source/index.ts';
import { testParser } from '../parser.ts';
import { now } from './run.ts';

const CODE = `
struct pin { struct mutex lock; int count; };

/* Returns with the lock, unless it fails. */
int pin_begin(struct pin *pin)
{
	if (pin->count > 3)
		return -EBUSY;
	mutex_lock(&pin->lock);
	return 0;
}

void pin_end(struct pin *pin)
{
	pin->count++;
	mutex_unlock(&pin->lock);
}

void pin_pause(struct pin *pin)
{
	mutex_unlock(&pin->lock);
	cond_resched();
	mutex_lock(&pin->lock);
}

bool pin_try(struct pin *pin)
{
	return mutex_trylock(&pin->lock);
}

int pin_leak(struct pin *pin, int wanted)
{
	mutex_lock(&pin->lock);
	if (do_check(pin) < 0)
		return -EINVAL;
	mutex_unlock(&pin->lock);
	return 0;
}

void pin_twice(struct pin *pin)
{
	mutex_lock(&pin->lock);
	mutex_unlock(&pin->lock);
	mutex_unlock(&pin->lock);
}

struct vm_area_struct *look(struct mm_struct *mm, unsigned long address)
{
	return find_vma(mm, address);
}

void write_vma(struct vm_area_struct *vma)
{
	mmap_assert_write_locked(vma->vm_mm);
	vma->vm_flags = 1;
}

void peek(struct mm_struct *mm)
{
	VM_WARN_ON(!rcu_read_lock_held() ||
		   mm == NULL);
}
`;

async function run(fn: string) {
  const { program, problem } = await loadProgram({
    tree: overlayTree(null, new Map([['pin.c', CODE]])),
    parser: await testParser(),
    scenario: scenarioNamed('custom')!,
    functions: [fn],
    touched: ['pin.c'],
    configuration: new Map(),
  });
  expect(problem).toBe(null);
  const verdict = explore(program!, { now });
  return { verdict, assumed: [...program!.linker.machine.assumed].filter((one) => one.startsWith('first:')) };
}

describe('the caller of a function that is run by itself', () => {
  it.each([
    ['pin_begin', 'first: its caller gives back pin.lock, with which it returns'],
    ['pin_end', 'first: its caller holds pin.lock'],
    ['pin_pause', 'first: its caller holds pin.lock'],
    ['pin_try', 'first: its caller gives back pin.lock, with which it returns'],
    ['look', 'first: its caller holds mm.mmap_lock for reading'],
    ['write_vma', 'first: its caller holds mm.mmap_lock for writing'],
    ['peek', 'first: its caller holds the RCU read lock'],
  ])('keeps the contract of %s()', async (fn, sentence) => {
    const { verdict, assumed } = await run(fn);
    expect(verdict.verdict).toBe('holds');
    expect(assumed).toEqual([sentence]);
  });

  it('does not give back what is held on some returns with an error only', async () => {
    const { verdict } = await run('pin_leak');
    expect(verdict).toMatchObject({ verdict: 'violated', violation: { kind: 'lock-held-at-exit' } });
  });

  it('does not hold what the function has taken and given back itself', async () => {
    const { verdict, assumed } = await run('pin_twice');
    expect(verdict).toMatchObject({ verdict: 'violated', violation: { kind: 'unlock-not-held' } });
    expect(assumed).toEqual([]);
  });
});
