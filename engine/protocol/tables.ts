/** Every row, family by family. A new family is a new file and a line here. */
import { accessors } from './accessors.ts';
import { alloc } from './alloc.ts';
import { assertions } from './assertions.ts';
import { bitlock } from './bitlock.ts';
import { containers } from './containers.ts';
import { context } from './context.ts';
import type { Contract } from './contract.ts';
import { cpuhp } from './cpuhp.ts';
import { device } from './device.ts';
import { folio } from './folio.ts';
import { hardware } from './hardware.ts';
import { inode } from './inode.ts';
import { iterators } from './iterators.ts';
import { locallock } from './locallock.ts';
import { lookup } from './lookup.ts';
import { mmap } from './mmap.ts';
import { mutex } from './mutex.ts';
import { net } from './net.ts';
import { noreturn } from './noreturn.ts';
import { pagetable } from './pagetable.ts';
import { rcu } from './rcu.ts';
import { references } from './references.ts';
import { rmap } from './rmap.ts';
import { rwsem } from './rwsem.ts';
import { semaphore } from './semaphore.ts';
import { seqlock } from './seqlock.ts';
import { socket } from './socket.ts';
import { spinlock } from './spinlock.ts';
import { task } from './task.ts';
import { usercopy } from './usercopy.ts';
import { values } from './values.ts';
import { vma } from './vma.ts';
import { wait } from './wait.ts';
import { ww_mutex } from './ww_mutex.ts';

export const CONTRACTS: readonly Contract[] = [
  ...mmap,
  ...vma,
  ...rwsem,
  ...mutex,
  ...spinlock,
  ...rcu,
  ...context,
  ...wait,
  ...usercopy,
  ...values,
  ...accessors,
  ...assertions,
  ...lookup,
  ...iterators,
  ...references,
  ...noreturn,
  ...alloc,
  ...bitlock,
  ...cpuhp,
  ...device,
  ...folio,
  ...inode,
  ...locallock,
  ...net,
  ...pagetable,
  ...rmap,
  ...semaphore,
  ...seqlock,
  ...socket,
  ...task,
  ...ww_mutex,
  ...containers,
  ...hardware,
];
