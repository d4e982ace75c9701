/** A simulation that was exported from the panel, as an order for the command line. */
import { resolve } from 'node:path';
import { parseSchedule } from '../../engine/simulate/schedule.ts';
import { readSession } from '../../media/panel/messages.ts';
import { type Host, UserError } from './host.ts';
import { readTextFile } from './read-input.ts';
import type { SimulationOrder } from './services.ts';

/** All of the order but its tree. An empty schedule means: every interleaving. @throws UserError */
export function readSessionFile(host: Host, name: string): Omit<SimulationOrder, 'tree'> {
  const { text, problem } = readTextFile(resolve(host.cwd, name));
  if (problem !== null) throw new UserError(`${name}: ${problem}`);
  const { session, problem: wrong } = readSession(parsed(text));
  if (session === null)
    throw new UserError(
      `${name}: is no simulation session: ${wrong}`,
      "the panel's 'Export the session' writes one",
    );
  const { schedule, problem: unreadable } = parseSchedule(session.schedule);
  if (schedule === null) throw new UserError(`${name}: its schedule: ${unreadable}`);
  const { choice, inputs } = session;
  return {
    patches: inputs.patches,
    sources: inputs.sources.map(({ path, text: content }) => ({
      path,
      ...(content === undefined ? {} : { text: content }),
    })),
    functions: choice.functions,
    scenario: choice.scenario,
    configuration: new Map(Object.entries(choice.configuration)),
    how:
      schedule.length > 0
        ? { kind: 'schedule', schedule }
        : { kind: 'explore', strategy: 'reduced', preemptions: null, limits: {} },
    depth: choice.depth,
    before: choice.image === 'before',
    own: choice.own,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON at all: the reader of sessions says what it expected.
    return undefined;
  }
}
