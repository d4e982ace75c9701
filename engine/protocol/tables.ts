/** Every row, family by family. A new family is a new file and a line here. */
import { assertions } from './assertions.ts';
import { context } from './context.ts';
import type { Contract } from './contract.ts';
import { iterators } from './iterators.ts';
import { lookup } from './lookup.ts';
import { mmap } from './mmap.ts';
import { mutex } from './mutex.ts';
import { noreturn } from './noreturn.ts';
import { rcu } from './rcu.ts';
import { references } from './references.ts';
import { rwsem } from './rwsem.ts';
import { spinlock } from './spinlock.ts';
import { usercopy } from './usercopy.ts';
import { values } from './values.ts';
import { vma } from './vma.ts';
import { wait } from './wait.ts';

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
  ...assertions,
  ...lookup,
  ...iterators,
  ...references,
  ...noreturn,
];
