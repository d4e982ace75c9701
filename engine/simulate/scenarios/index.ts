/** Every scenario, in the order in which they are listed. */
import type { Scenario } from '../scenario.ts';
import { binderShrink } from './binder-shrink.ts';
import { configRemoved } from './config-removed.ts';
import { custom } from './custom.ts';
import { detachReuse } from './detach-reuse.ts';
import { killed } from './killed.ts';
import { lookupMiss } from './lookup-miss.ts';
import { mapsMerge } from './maps-merge.ts';
import { mapsShrink } from './maps-shrink.ts';
import { mapsSplit } from './maps-split.ts';
import { queryFallback } from './query-fallback.ts';
import { remoteSpan } from './remote-span.ts';
import { rollupContended } from './rollup-contended.ts';
import { smapsWalk } from './smaps-walk.ts';
import { stackExpand } from './stack-expand.ts';
import { writeKilled } from './write-killed.ts';
import { writerWaits } from './writer-waits.ts';

export const SCENARIOS: readonly Scenario[] = [
  mapsShrink,
  mapsMerge,
  mapsSplit,
  smapsWalk,
  rollupContended,
  queryFallback,
  writerWaits,
  detachReuse,
  lookupMiss,
  remoteSpan,
  stackExpand,
  configRemoved,
  killed,
  writeKilled,
  binderShrink,
  custom,
];

export function scenarioNamed(name: string): Scenario | null {
  return SCENARIOS.find((scenario) => scenario.name === name) ?? null;
}
