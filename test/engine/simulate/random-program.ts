/** Random small programs: two or three tasks over two variables, locks of each kind, waits, counters and RCU. */
import { randomNumbers } from '../../../engine/simulate/explore/index.ts';

export interface RandomProgram {
  readonly c: string;
  readonly calls: readonly string[];
}

/** The same program for the same seed. */
export function randomProgram(seed: number): RandomProgram {
  const random = randomNumbers(Math.imul(seed, 2654435761) + 1);
  // The first numbers after a seed are much alike.
  for (let i = 0; i < 8; i++) random(2);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const variable = () => pick(['x', 'y']);
  const tasks = 2 + random(2);
  /** What this program is about, besides variables and mutexes. */
  const theme = random(6);
  const plain = [
    () => `${variable()} = ${random(3)};`,
    () => `${variable()}++;`,
    () => `${variable()} = ${variable()};`,
    () => `sim_assert(${variable()} != ${random(4)}, "a");`,
    () => pick(['mutex_lock(&m);', 'mutex_unlock(&m);', 'spin_lock(&n);', 'spin_unlock(&n);']),
    () => `if (mutex_trylock(&m)) { ${variable()} = ${random(3)}; mutex_unlock(&m); }`,
  ];
  const themes: readonly (readonly (() => string)[])[] = [
    [],
    [
      () => 'down_read(&s);',
      () => 'up_read(&s);',
      () => 'down_write(&s);',
      () => 'up_write(&s);',
      () => 'down_write(&s); x = 1; downgrade_write(&s); y = x; up_read(&s);',
      () => `if (down_read_trylock(&s)) { ${variable()}++; up_read(&s); }`,
      () => `if (down_write_trylock(&s)) { ${variable()}++; up_write(&s); }`,
    ],
    [
      () => `rcuwait_wait_event(&w, READ_ONCE(${variable()}), TASK_UNINTERRUPTIBLE);`,
      () => `WRITE_ONCE(${variable()}, 1); rcuwait_wake_up(&w);`,
      () => 'rcuwait_wake_up(&w);',
    ],
    [
      () => `if (refcount_inc_not_zero(&r)) { ${variable()} = 1; refcount_dec(&r); }`,
      () => 'if (refcount_dec_and_test(&r)) x = 2;',
      () => `refcount_set(&r, ${1 + random(2)});`,
      () => 'atomic_inc(&c);',
      () => 'if (atomic_dec_and_test(&c)) y = 1;',
      () => `x = atomic_read(&c);`,
    ],
    [
      () => `rcu_read_lock(); ${pick(plain.slice(0, 4))()} ${pick(plain.slice(0, 4))()} rcu_read_unlock();`,
      () => 'synchronize_rcu();',
      () => `WRITE_ONCE(${variable()}, 1); synchronize_rcu(); ${variable()} = 2;`,
    ],
    [
      () => `if (!down_write_killable(&s)) { ${variable()}++; up_write(&s); }`,
      () => 'down_read(&s); x++; up_read(&s);',
      () => `sim_kill(${random(tasks)});`,
    ],
  ];
  const special = themes[theme]!;
  const statement = (depth: number): string => {
    if (special.length > 0 && random(3) > 0) return pick(special)();
    if (depth > 1 || random(10) < 6) return pick(plain)();
    switch (random(4)) {
      case 0:
        return `if (${variable()} == ${random(3)}) { ${statement(depth + 1)} }`;
      case 1:
        return `mutex_lock(&m); ${statement(depth + 1)} ${statement(depth + 1)} mutex_unlock(&m);`;
      case 2:
        return `while (${variable()} == ${random(2)}) { ${statement(depth + 1)} }`;
      default:
        return `${variable()} = sim_choose(2);`;
    }
  };
  const length = tasks === 3 ? 2 : 3;
  const names = ['one', 'two', 'three'].slice(0, tasks);
  const body = () => Array.from({ length: 1 + random(length) }, () => statement(0)).join(' ');
  const c = names.map((name) => `void ${name}(void) { ${body()} }`).join('\n');
  return { c, calls: names.map((name) => `${name}()`) };
}
