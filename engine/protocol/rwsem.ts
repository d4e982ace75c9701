/** `struct rw_semaphore` and `struct percpu_rw_semaphore`. */
import { acquire, always, family, onTrue, onZero, release } from './build.ts';
import type { Contract, Mode } from './contract.ts';

const rwsemH = family('include/linux/rwsem.h');
const percpuH = family('include/linux/percpu-rwsem.h');

const sleeping = { sleeps: 'yes', dereferences: [0] } as const;
const trying = { sleeps: 'no', dereferences: [0], mustCheck: true } as const;
const take = (mode: Mode) => acquire('arg0', 'rwsem', mode);
const takeNested = (mode: Mode) => acquire('arg0', 'rwsem', mode, { nested: true });
const tryTake = (mode: Mode) => acquire('arg0', 'rwsem', mode, { trylock: true });
const giveWrite = release('arg0', 'rwsem', 'W');
// A downgraded semaphore is released by up_read() as well.
const giveRead = release('arg0', 'rwsem', 'R');

const percpu = (mode: Mode) => acquire('arg0', 'percpu_rwsem', mode);
const percpuTry = acquire('arg0', 'percpu_rwsem', 'R', { trylock: true });
const percpuGive = (mode: Mode) => release('arg0', 'percpu_rwsem', mode);

export const rwsem: readonly Contract[] = [
  rwsemH.fn('down_read', always(take('R')), sleeping),
  ...rwsemH.each(['down_read_nested', 'down_read_non_owner'], always(takeNested('R')), sleeping),
  ...rwsemH.each(['down_read_interruptible', 'down_read_killable'], onZero(take('R')), {
    ...sleeping,
    mustCheck: true,
  }),
  rwsemH.fn('down_read_killable_nested', onZero(takeNested('R')), { ...sleeping, mustCheck: true }),
  rwsemH.fn('down_read_trylock', onTrue(tryTake('R')), trying),
  rwsemH.fn('down_write', always(take('W')), sleeping),
  ...rwsemH.each(
    ['down_write_nested', 'down_write_nest_lock', '_down_write_nest_lock'],
    always(takeNested('W')),
    sleeping,
  ),
  rwsemH.fn('down_write_killable', onZero(take('W')), { ...sleeping, mustCheck: true }),
  rwsemH.fn('down_write_killable_nested', onZero(takeNested('W')), { ...sleeping, mustCheck: true }),
  rwsemH.fn('down_write_trylock', onTrue(tryTake('W')), trying),
  ...rwsemH.each(['up_read', 'up_read_non_owner'], always(giveRead), { sleeps: 'no', dereferences: [0] }),
  rwsemH.fn('up_write', always(giveWrite), { sleeps: 'no', dereferences: [0] }),
  rwsemH.fn('downgrade_write', always({ op: 'downgrade', lock: 'arg0', kind: 'rwsem' }), {
    sleeps: 'no',
    dereferences: [0],
  }),
  ...rwsemH.each(['rwsem_is_locked', 'rwsem_is_contended'], [], { sleeps: 'no', dereferences: [0] }),
  ...rwsemH.each(['init_rwsem', '__init_rwsem'], [], { sleeps: 'no' }),
  rwsemH.guard('rwsem_read', [take('R')], [giveRead], sleeping),
  rwsemH.condGuard('rwsem_read_try', [tryTake('R')], [giveRead], { sleeps: 'no', dereferences: [0] }),
  rwsemH.condGuard('rwsem_read_intr', [take('R')], [giveRead], sleeping),
  rwsemH.condGuard('rwsem_read_kill', [take('R')], [giveRead], sleeping),
  rwsemH.guard('rwsem_write', [take('W')], [giveWrite], sleeping),
  rwsemH.condGuard('rwsem_write_try', [tryTake('W')], [giveWrite], { sleeps: 'no', dereferences: [0] }),
  rwsemH.condGuard('rwsem_write_kill', [take('W')], [giveWrite], sleeping),
  rwsemH.guard('rwsem_init', [], []),

  ...percpuH.each(['percpu_down_read', 'percpu_down_read_freezable'], always(percpu('R')), sleeping),
  percpuH.fn('percpu_down_read_trylock', onTrue(percpuTry), trying),
  percpuH.fn('percpu_up_read', always(percpuGive('R')), { sleeps: 'no', dereferences: [0] }),
  percpuH.fn('percpu_down_write', always(percpu('W')), sleeping),
  percpuH.fn('percpu_up_write', always(percpuGive('W')), { sleeps: 'no', dereferences: [0] }),
  percpuH.guard('percpu_read', [percpu('R')], [percpuGive('R')], sleeping),
  percpuH.condGuard('percpu_read_try', [percpuTry], [percpuGive('R')], { sleeps: 'no', dereferences: [0] }),
  percpuH.guard('percpu_write', [percpu('W')], [percpuGive('W')], sleeping),
];
