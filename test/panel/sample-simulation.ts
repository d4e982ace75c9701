/** A simulation of the sample series, with the simulator in this process: what the editor has on a thread of its own. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Simulation } from '../../extension/simulation/simulation.ts';
import type { SimulationThread } from '../../extension/simulation/thread.ts';
import { createWorkshop } from '../../extension/simulation/workshop.ts';
import { openDirectoryTree } from '../../extension/tree/index.ts';
import type { Choice } from '../../media/panel/messages.ts';
import { testParser } from '../engine/parser.ts';
import { ROOT } from '../server/bundle.ts';

function thread(): SimulationThread {
  const workshop = createWorkshop(testParser, (root) => openDirectoryTree(root));
  return {
    ask: (name, request, { progress } = {}) =>
      workshop.answer(name, request, progress === undefined ? {} : { progress }),
    dispose() {},
  };
}

/**
 * @param choice what differs from: `pinboard_add()` with the patch, against the writer of `custom`
 * @param before text in front of the series
 */
export function newSampleSimulation(choice: Partial<Choice> = {}, before = ''): Simulation {
  const text = before + readFileSync(path.join(ROOT, 'sample/series.mbox'), 'utf8');
  return new Simulation({
    subject: {
      inputs: { patches: [{ name: 'series.mbox', text }], sources: [] },
      tree: path.join(ROOT, 'sample/tree'),
      mayExecute: false,
    },
    choice: {
      functions: ['pinboard_add'],
      scenario: 'custom',
      image: 'after',
      depth: null,
      configuration: {},
      own: null,
      ...choice,
    },
    document: null,
    finding: null,
    thread: thread(),
    explorer: thread(),
  });
}

/** The same, opened. */
export async function sampleSimulation(choice: Partial<Choice> = {}, before = ''): Promise<Simulation> {
  const simulation = newSampleSimulation(choice, before);
  await simulation.open();
  return simulation;
}
