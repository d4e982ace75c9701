import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Definition,
  describeLocks,
  functionStates,
  heldSentence,
  knownValue,
  type Program,
} from '../../../engine/check/index.ts';
import { DEFAULT_OPTIONS, openProgram } from '../../../engine/review/index.ts';
import { testParser } from '../parser.ts';

const CODE = `
static int counted(struct pool *pool, bool wait)
{
	struct item *item;
	int ret = 0;

	if (wait)
		mutex_lock(&pool->lock);
	else if (!mutex_trylock(&pool->lock))
		return -EAGAIN;
	spin_lock(&pool->list_lock);
	item = first_item(pool);
	spin_unlock(&pool->list_lock);
	if (!item)
		ret = -ENOENT;
	mutex_unlock(&pool->lock);
	return ret;
}

static struct item *claim(struct pool *pool, int id)
{
	struct item *item;

	mutex_lock(&pool->lock);
	item = find_item(pool, id);
	if (item)
		return item;
	mutex_unlock(&pool->lock);
	return NULL;
}

static void put_back(struct pool *pool)
{
	pool->users--;
	mutex_unlock(&pool->lock);
}

static void scoped(struct pool *pool)
{
	guard(mutex)(&pool->lock);
	pool->users++;
}

static void config(struct pool *pool)
{
#ifdef CONFIG_POOL_DEBUG
	mutex_lock(&pool->debug);
	mutex_unlock(&pool->debug);
#else
	spin_lock(&pool->fast);
	spin_unlock(&pool->fast);
#endif
}

static int plain(int a)
{
	return a + 1;
}
`;

let program: Program;
const on = () => ({ values: program.fixed.values, fallback: 'y' as const });
const find = (name: string): Definition => {
  const unit = program.unit('pool.c')!;
  return { unit, fn: unit.functions.find((fn) => fn.name === name)! };
};
beforeAll(async () => {
  program = await openProgram(null, DEFAULT_OPTIONS, await testParser(), new Set(), []);
  program.add('pool.c', CODE);
});

/** `code ‹held›` for each line on which the locks change. */
function linesOf(name: string, configuration = on()): string[] {
  const definition = find(name);
  return functionStates(program, definition, configuration).lines.map(
    ({ line, held }) => `${definition.unit.line(line).trim()} ‹${heldSentence(held)}›`,
  );
}

describe('what is held behind each line', () => {
  it('is said where it changes, with a question mark where only some paths hold it', () => {
    expect(linesOf('counted')).toEqual([
      'mutex_lock(&pool->lock); ‹pool->lock›',
      'else if (!mutex_trylock(&pool->lock)) ‹pool->lock?›',
      'spin_lock(&pool->list_lock); ‹pool->lock, pool->list_lock›',
      'spin_unlock(&pool->list_lock); ‹pool->lock›',
      'mutex_unlock(&pool->lock); ‹nothing›',
    ]);
  });

  it('names what the caller must hold before it is given back', () => {
    const { steps } = functionStates(program, find('put_back'), on());
    expect(heldSentence(steps[0]!.before)).toBe('pool->lock (caller)');
    expect(linesOf('put_back')).toEqual(['mutex_unlock(&pool->lock); ‹nothing›']);
  });

  it('ends with the scope of a guard', () => {
    expect(linesOf('scoped')).toEqual(['guard(mutex)(&pool->lock); ‹pool->lock›', '} ‹nothing›']);
  });

  it('is that of the code which the configuration compiles', () => {
    const off = { values: new Map([['CONFIG_POOL_DEBUG', 'n' as const]]), fallback: 'y' as const };
    expect(linesOf('config')).toEqual([
      'mutex_lock(&pool->debug); ‹pool->debug›',
      'mutex_unlock(&pool->debug); ‹nothing›',
    ]);
    expect(linesOf('config', off)).toEqual([
      'spin_lock(&pool->fast); ‹pool->fast›',
      'spin_unlock(&pool->fast); ‹nothing›',
    ]);
  });
});

describe('what a function does with locks, in a sentence', () => {
  const said = (name: string) => describeLocks(functionStates(program, find(name), on()));
  it('names what it takes and gives back itself', () => {
    expect(said('counted')).toBe('takes pool->lock, pool->list_lock');
    expect(said('scoped')).toBe('takes pool->lock');
  });
  it('names what it returns with, and for which results', () => {
    expect(said('claim')).toBe('returns with pool->lock if the result is not NULL');
  });
  it('names what it gives back of its caller', () => {
    expect(said('put_back')).toBe('gives back pool->lock');
  });
  it('is empty for a function without locks', () => {
    expect(said('plain')).toBe('');
  });
});

describe('what is known of a variable', () => {
  const known = (name: string, variable: string, text: string, inText = variable) => {
    const definition = find(name);
    const at = CODE.indexOf(text, definition.fn.at) + text.indexOf(inText);
    return knownValue(program, definition, on(), variable, at)?.can ?? null;
  };
  it('is where it comes from, and what its tests have shown', () => {
    expect(known('claim', 'item', 'if (item)')).toEqual(['the result of find_item() in line 25']);
    expect(known('claim', 'item', 'return item;')).toEqual([
      'a valid pointer or an error pointer: the result of find_item() in line 25',
    ]);
    expect(known('counted', 'wait', 'if (wait)')).toEqual(['as the caller passed it']);
  });
  it('is what it becomes, where it is set', () => {
    expect(known('claim', 'item', 'item = find_item')).toEqual(['the result of find_item() in line 25']);
    expect(known('counted', 'ret', 'ret = -ENOENT')).toEqual(['-ENOENT']);
  });
  it('is each of the things that it can be', () => {
    expect(known('counted', 'ret', 'return ret;')).toEqual(['0 or -ENOENT']);
  });
  it('is nothing for another name', () => {
    expect(known('claim', 'other', 'if (item)')).toBeNull();
  });
});
