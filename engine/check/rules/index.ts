/** The rules, in the order in which `lock-review rules` lists them. */
import type { Rule } from '../rule.ts';
import { annotationMismatch } from './annotation-mismatch.ts';
import { callbackImbalance } from './callback-imbalance.ts';
import { configImbalance } from './config-imbalance.ts';
import { contractChanged } from './contract-changed.ts';
import { definitionCoverage } from './definition-coverage.ts';
import { doubleLock } from './double-lock.ts';
import { faultUnderLock } from './fault-under-lock.ts';
import { inconsistentReturn } from './inconsistent-return.ts';
import { lockLeak } from './lock-leak.ts';
import { lockOrder } from './lock-order.ts';
import { missingLock } from './missing-lock.ts';
import { movedCodeChanged } from './moved-code-changed.ts';
import { nullLockArgument } from './null-lock-argument.ts';
import { referenceLeak } from './reference-leak.ts';
import { seqcountRetry } from './seqcount-retry.ts';
import { sleepInAtomic } from './sleep-in-atomic.ts';
import { splitRead } from './split-read.ts';
import { staleConfig } from './stale-config.ts';
import { stalePointer } from './stale-pointer.ts';
import { uncheckedAcquire } from './unchecked-acquire.ts';
import { unlockNotHeld } from './unlock-not-held.ts';
import { unprotectedWrite } from './unprotected-write.ts';
import { unusedLabel } from './unused-label.ts';
import { wrongMode } from './wrong-mode.ts';

export const rules: readonly Rule[] = [
  lockLeak,
  unlockNotHeld,
  wrongMode,
  doubleLock,
  inconsistentReturn,
  configImbalance,
  staleConfig,
  nullLockArgument,
  uncheckedAcquire,
  sleepInAtomic,
  faultUnderLock,
  lockOrder,
  missingLock,
  contractChanged,
  callbackImbalance,
  annotationMismatch,
  stalePointer,
  unprotectedWrite,
  splitRead,
  seqcountRetry,
  referenceLeak,
  unusedLabel,
  definitionCoverage,
  movedCodeChanged,
];

/** Every rule, for listings and documentation. */
export function allRules(): readonly Rule[] {
  return rules;
}
