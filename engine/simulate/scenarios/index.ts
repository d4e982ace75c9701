/** Every scenario, in the order in which they are listed. */
import type { Scenario } from '../scenario.ts';
import { configRemoved } from './config-removed.ts';
import { detachReuse } from './detach-reuse.ts';
import { lookupMiss } from './lookup-miss.ts';
import { mapsShrink } from './maps-shrink.ts';

export const SCENARIOS: readonly Scenario[] = [mapsShrink, detachReuse, lookupMiss, configRemoved];

export function scenarioNamed(name: string): Scenario | null {
  return SCENARIOS.find((scenario) => scenario.name === name) ?? null;
}
