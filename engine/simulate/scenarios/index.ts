/** Every scenario, in the order in which they are listed. */
import type { Scenario } from '../scenario.ts';
import { lookupMiss } from './lookup-miss.ts';

export const SCENARIOS: readonly Scenario[] = [lookupMiss];

export function scenarioNamed(name: string): Scenario | null {
  return SCENARIOS.find((scenario) => scenario.name === name) ?? null;
}
