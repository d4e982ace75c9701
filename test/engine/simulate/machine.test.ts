import { describe, expect, it } from 'vitest';
import { explore, type Scenario } from '../../../engine/simulate/index.ts';
import { OutOfMemory } from '../../../engine/simulate/memory.ts';
import type { Verdict } from '../../../engine/simulate/verdict.ts';
import { now, programOf } from './run.ts';

async function verdictOf(
  c: string,
  calls: readonly string[] = ['one()', 'two()'],
  more: Partial<Scenario> = {},
): Promise<Verdict> {
  return explore(await programOf(c, calls, more), { now });
}

function kindOf(verdict: Verdict): string {
  return verdict.verdict === 'violated' ? verdict.violation.kind : verdict.verdict;
}

describe('the machine', () => {
  it('makes a verdict of memory that does not suffice', async () => {
    const program = await programOf('void one(void) { x = 1; }', ['one()']);
    const { machine } = program.linker;
    machine.ops[machine.field(0, 0)] = () => {
      throw new OutOfMemory('no room for another cell');
    };
    expect(explore(program, { now })).toMatchObject({
      verdict: 'violated',
      violation: { kind: 'unrunnable', message: 'no room for another cell' },
    });
  });
});

describe('C as the machine runs it', () => {
  const check = async (body: string, more = '') =>
    kindOf(await verdictOf(`${more} void one(void) { ${body} }`, ['one()']));

  it.each([
    ['unsigned wrap', 'unsigned int x = 0; x--; sim_assert(x == UINT_MAX, "");'],
    ['signed and unsigned compare as C has it', 'int a = -1; unsigned int b = 1; sim_assert(a > b, "");'],
    ['64-bit unsigned compare', 'unsigned long a = -1UL; sim_assert(a > 5, "");'],
    ['a signed long below zero', 'long a = -1; sim_assert(a < 5, "");'],
    ['shifts beyond 32 bits', 'unsigned long a = 1UL << 40; sim_assert(a >> 38 == 4, "");'],
    [
      'bits above 32',
      'unsigned long a = (1UL << 40) | 5; sim_assert((a & (1UL << 40)) && (a & 1) && !(a & 2), "");',
    ],
    ['bool is 0 or 1', 'bool b = 4; sim_assert(b == 1, "");'],
    ['char wraps', 'unsigned char c = 255; c++; sim_assert(c == 0, "");'],
    ['division rounds to zero', 'int a = -7; sim_assert(a / 2 == -3 && a % 2 == -1, "");'],
    [
      'arrays',
      'int a[4]; int *p = a; a[2] = 7; p++; sim_assert(p[1] == 7 && *(a + 2) == 7 && &a[3] - p == 2, "");',
    ],
    [
      'structs copy',
      'struct s { int x; int y; } a = { .x = 1, .y = 2 }, b; b = a; a.x = 9; sim_assert(b.x == 1 && b.y == 2, "");',
    ],
    ['the address of a local', 'int x = 1; int *p = &x; *p = 5; sim_assert(x == 5, "");'],
    [
      'switch with a range',
      'int r = 0; switch (7) { case 1: r = 1; break; case 5 ... 9: r = 2; break; default: r = 3; } sim_assert(r == 2, "");',
    ],
    ['short circuit', 'int x = 0; if (x && sim_choose(2)) x = 2; sim_assert(!x, "");'],
    [
      'container_of',
      'struct in { int v; }; struct out { int a; struct in b; } o; struct in *p = &o.b; o.a = 3; sim_assert(container_of(p, struct out, b)->a == 3, "");',
    ],
    [
      'error pointers',
      'void *p = ERR_PTR(-EINVAL); sim_assert(IS_ERR(p) && PTR_ERR(p) == -EINVAL && !IS_ERR(NULL) && IS_ERR_OR_NULL(NULL), "");',
    ],
    [
      'min, max and swap',
      'int a = 2, b = 5; swap(a, b); sim_assert(a == 5 && b == 2 && min(a, b) == 2 && max(a, b) == 5, "");',
    ],
    ['goto and loops', 'int i = 0, n = 0; again: n += i; if (++i < 5) goto again; sim_assert(n == 10, "");'],
  ])('%s', async (_what, body) => {
    expect(await check(body)).toBe('holds');
    expect(await check(body.replace('sim_assert(', 'sim_assert(!(').replace(', "");', '), "");'))).toBe(
      'property',
    );
  });

  it('calls functions, through pointers too, and expands macros', async () => {
    const more = `
      #define TWICE(x) ({ int __t = (x); __t + __t; })
      static int add(int a, int b) { return a + b; }
    `;
    expect(
      await check('int (*f)(int, int) = add; sim_assert(f(1, add(2, 3)) == 6 && TWICE(4) == 8, "");', more),
    ).toBe('holds');
  });

  it('finds a function that calls itself without end', async () => {
    expect(await check('one();')).toBe('unrunnable');
  });

  it('finds a loop that nothing ends', async () => {
    expect(await check('for (;;) ;')).toBe('no-progress');
  });

  it('names the construct that it cannot run, with its line', async () => {
    const program = await programOf('\nvoid one(void)\n{\n  asm volatile("nop");\n}\n', ['one()']);
    const verdict = explore(program, { now });
    expect(kindOf(verdict)).toBe('unrunnable');
    expect(verdict.verdict === 'violated' && verdict.violation.message).toContain('assembly');
  });
});

describe('what is checked while it runs', () => {
  it.each([
    ['a NULL dereference', 'null-dereference', 'struct vm_area_struct *v = NULL; v->vm_start = 1;'],
    ['an error pointer', 'error-pointer', 'struct vm_area_struct *v = ERR_PTR(-EAGAIN); v->vm_start = 1;'],
    ['a lock held at exit', 'lock-held-at-exit', 'mutex_lock(&g);'],
    ['a release of what is not held', 'unlock-not-held', 'mutex_unlock(&g);'],
    ['RCU ended without a beginning', 'unlock-not-held', 'rcu_read_unlock();'],
    ['RCU at exit', 'lock-held-at-exit', 'rcu_read_lock();'],
    ['sleeping under a spinlock', 'sleep-in-atomic', 'spin_lock(&g); mutex_lock(&h);'],
    ['sleeping under RCU', 'sleep-in-atomic', 'rcu_read_lock(); mutex_lock(&h);'],
    ['a failed assertion', 'assertion', 'WARN_ON(1);'],
    ['BUG()', 'assertion', 'BUG();'],
    ['a lockdep assertion', 'assertion', 'lockdep_assert_held(&g);'],
    [
      'a reference dropped too often',
      'refcount',
      'refcount_set(&r, 1); refcount_dec_and_test(&r); refcount_dec(&r);',
    ],
    ['taking a lock twice', 'deadlock', 'mutex_lock(&g); mutex_lock(&g);'],
  ])('%s', async (_what, kind, body) => {
    expect(kindOf(await verdictOf(`void one(void) { ${body} }`, ['one()']))).toBe(kind);
  });

  it('a deadlock of two tasks, with who waits for whom', async () => {
    const verdict = await verdictOf(`
      void one(void) { mutex_lock(&g); mutex_lock(&h); mutex_unlock(&h); mutex_unlock(&g); }
      void two(void) { mutex_lock(&h); mutex_lock(&g); mutex_unlock(&g); mutex_unlock(&h); }
    `);
    expect(kindOf(verdict)).toBe('deadlock');
    expect(verdict.verdict === 'violated' && verdict.violation.cycle).toEqual([
      't0 waits for h for writing, held by t1',
      't1 waits for g for writing, held by t0',
    ]);
  });

  it('a loop that a writer can keep going for ever', async () => {
    const c = `
      void reader(void) { unsigned int s; do { s = READ_ONCE(seq); } while (READ_ONCE(seq) != s); }
      void writer(void) { for (;;) WRITE_ONCE(seq, !READ_ONCE(seq)); }
    `;
    const tasks = [
      { name: 'reader', call: 'reader()' },
      { name: 'writer', call: 'writer()', daemon: true },
    ];
    expect(kindOf(await verdictOf(c, [], { tasks }))).toBe('no-progress');
  });

  it('no loop where the writer stops', async () => {
    const c = `
      void one(void) { unsigned int s; do { s = READ_ONCE(seq); } while (READ_ONCE(seq) != s); }
      void two(void) { WRITE_ONCE(seq, 1); WRITE_ONCE(seq, 2); }
    `;
    expect(kindOf(await verdictOf(c))).toBe('holds');
  });
});

describe('locks', () => {
  it('a waiting writer keeps new readers out, so a reader that reads again is stuck', async () => {
    const c = `
      void one(void) { down_read(&g); down_read(&g); up_read(&g); up_read(&g); }
      void two(void) { down_write(&g); up_write(&g); }
    `;
    expect(kindOf(await verdictOf(c))).toBe('deadlock');
  });

  it('readers share, writers do not', async () => {
    const c = `
      void one(void) { down_read(&g); n++; sim_assert(!w, "a writer is inside"); n--; up_read(&g); }
      void two(void) { down_write(&g); w = 1; sim_assert(!n, "a reader is inside"); w = 0; up_write(&g); }
    `;
    expect(kindOf(await verdictOf(c, ['one()', 'two()']))).toBe('holds');
    expect(
      kindOf(await verdictOf(c.replaceAll('down_write', 'down_read').replaceAll('up_write', 'up_read'))),
    ).toBe('property');
  });

  it('downgrade lets readers in', async () => {
    const c = `
      void one(void) { down_write(&g); x = 1; downgrade_write(&g); y = x; up_read(&g); }
      void two(void) { down_read(&g); sim_assert(x == y || x == 1, ""); up_read(&g); }
    `;
    expect(kindOf(await verdictOf(c))).toBe('holds');
  });

  it('a trylock fails where the lock is held', async () => {
    const c = `
      void one(void) { if (mutex_trylock(&g)) { in++; sim_assert(in == 1, ""); in--; mutex_unlock(&g); } }
      void two(void) { if (mutex_trylock(&g)) { in++; sim_assert(in == 1, ""); in--; mutex_unlock(&g); } }
    `;
    expect(kindOf(await verdictOf(c))).toBe('holds');
  });

  it('a fatal signal ends a killable wait, and only that', async () => {
    const c = (lock: string) => `
      void one(void) { if (!${lock}(&g)) up_write(&g); }
      void two(void) { down_write(&g); done = 1; }
      void three(void) { sim_kill(0); }
    `;
    const stuck = await verdictOf(c('down_write_killable').replace('done = 1;', 'up_write(&g);'), [
      'one()',
      'two()',
      'three()',
    ]);
    expect(kindOf(stuck)).toBe('holds');
  });

  it('a wake-up that comes too early is not lost, one that never comes is', async () => {
    const c = (wake: string) => `
      void one(void) { rcuwait_wait_event(&w, READ_ONCE(ready), TASK_UNINTERRUPTIBLE); }
      void two(void) { WRITE_ONCE(ready, 1); ${wake} }
    `;
    expect(kindOf(await verdictOf(c('rcuwait_wake_up(&w);')))).toBe('holds');
    expect(kindOf(await verdictOf(c('')))).toBe('deadlock');
    const early = c('').replace('WRITE_ONCE(ready, 1); ', 'rcuwait_wake_up(&w); WRITE_ONCE(ready, 1);');
    expect(kindOf(await verdictOf(early))).toBe('deadlock');
  });

  it('synchronize_rcu waits for the readers of before', async () => {
    const c = (wait: string) => `
      void one(void) { rcu_read_lock(); if (READ_ONCE(p)) sim_assert(!freed, "read after it was freed"); rcu_read_unlock(); }
      void two(void) { WRITE_ONCE(p, 0); ${wait} freed = 1; }
      void start(void) { }
    `;
    const tasks = (text: string) => text.replace('void one(void) {', 'void one(void) { ');
    const code = (wait: string) =>
      tasks(c(wait))
        .replaceAll('READ_ONCE(p)', '!READ_ONCE(p)')
        .replace('WRITE_ONCE(p, 0)', 'WRITE_ONCE(p, 1)');
    expect(kindOf(await verdictOf(code('synchronize_rcu();')))).toBe('holds');
    expect(kindOf(await verdictOf(code('')))).toBe('property');
  });

  it('guards give back what they took, on every way out', async () => {
    const c =
      'int one(void) { guard(mutex)(&g); if (sim_choose(2)) return 1; return 0; } void two(void) { scoped_guard(mutex, &g) { x = 1; } }';
    expect(kindOf(await verdictOf(c))).toBe('holds');
  });
});

describe('limits', () => {
  const busy = `
    void one(void) { a++; b++; a++; b++; a++; b++; }
    void two(void) { a++; b++; a++; b++; a++; b++; }
    void three(void) { a++; b++; a++; b++; a++; b++; }
  `;

  it('reaching the number of states is a verdict', async () => {
    const verdict = explore(await programOf(busy, ['one()', 'two()', 'three()']), {
      now,
      limits: { maxStates: 50 },
    });
    expect(verdict).toMatchObject({ verdict: 'not-finished', reason: 'the limit of 50 states was reached' });
  });

  it('reaching the memory is a verdict, with the bound that was reached', async () => {
    const verdict = explore(await programOf(busy, ['one()', 'two()', 'three()']), {
      now,
      limits: { maxMegabytes: 0.2 },
    });
    expect(verdict).toMatchObject({ verdict: 'not-finished', reason: 'the limit of 0.2 MB was reached' });
    expect(verdict.verdict === 'not-finished' && verdict.bound).toBeGreaterThanOrEqual(0);
  });
});
