/** Paths of functions through the lock-state engine, and the rules that judge them. */
export { callbackPartners } from './callback-tables.ts';
export { checkFunction, type FunctionCheck, levelOf, type Suspicion } from './check-function.ts';
export { describeLocks } from './describe-locks.ts';
export type { Walked } from './events.ts';
export type { Finding, Level, TextEdit, TraceStep } from './finding.ts';
export { does, settledBy } from './hand-over.ts';
export { type KnownValue, knownValue } from './known-values.ts';
export { KnownWork } from './known-work.ts';
export { type FunctionStates, functionStates, type HeldLock, heldSentence, lockText } from './line-states.ts';
export { type Definition, Program, type ProgramOptions } from './program.ts';
export type { Rule, RuleDocumentation } from './rule.ts';
export { contractChanged } from './rules/contract-changed.ts';
export { definitionCoverage } from './rules/definition-coverage.ts';
export { allRules } from './rules/index.ts';
export { movedCodeChanged } from './rules/moved-code-changed.ts';
export { staleConfig } from './rules/stale-config.ts';
