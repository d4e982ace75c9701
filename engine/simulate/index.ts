/** The simulator: runs the code of a patch against other tasks, every interleaving of them. */
export {
  type ExploreOptions,
  exploration,
  explore,
  type Limits,
  type Progress,
  searchFull,
  searchRandom,
  searchReduced,
} from './explore/index.ts';
export { type CodeLine, type Followed, followPath } from './follow.ts';
export type { Frame, Variable } from './frames.ts';
export type { Depth } from './linker.ts';
export { type LockEvent, RCU_NAME } from './lock-events.ts';
export { CALLER_CALLS } from './models/caller.ts';
export { type LoadOptions, loadProgram, type Program } from './program.ts';
export { type Exported, exportPromela } from './promela/index.ts';
export type { Scenario } from './scenario.ts';
export { SCENARIOS, scenarioNamed } from './scenarios/index.ts';
export { formatSchedule, parseSchedule, type Schedule, type Turn } from './schedule.ts';
export { type Choice, type Move, openSession, type Session, type TaskPosition } from './session.ts';
export { type SimulationRequest, type SimulationResult, simulate } from './simulation.ts';
export { type LockView, lockViews, type SpaceTime, type Span, spaceTime, type Wait } from './space-time.ts';
export { simulationText } from './text-report.ts';
export { type Place, type Snapshot, type Step, type Trace, traceOf } from './trace.ts';
export type { Verdict, Violation } from './verdict.ts';
