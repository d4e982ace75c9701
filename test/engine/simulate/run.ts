/** Running small C programs in the simulator, for tests. */

import { loadProgram, type Program, type Scenario } from '../../../engine/simulate/index.ts';
import { overlayTree, type SourceTree } from '../../../engine/source/index.ts';
import { testParser } from '../parser.ts';

/** A tree without files. */
export const EMPTY: SourceTree = overlayTree(null, new Map());

const PLAIN: Omit<Scenario, 'c' | 'tasks'> = {
  name: 'test',
  title: 'a test',
  property: 'what the test says',
  depth: 'contract',
  mms: [
    {
      name: 'mm',
      vmas: [
        { name: 'A', start: 0x1000, end: 0x3000 },
        { name: 'B', start: 0x3000, end: 0x5000 },
      ],
    },
  ],
  roles: [],
};

/** A program of tasks written in C; each call is the task's first function: `one(mm)`. */
export async function programOf(
  c: string,
  calls: readonly string[],
  more: Partial<Scenario> = {},
  tree = EMPTY,
): Promise<Program> {
  const scenario: Scenario = {
    ...PLAIN,
    c,
    tasks: calls.map((call, i) => ({ name: `t${i}`, call })),
    ...more,
  };
  const loaded = await loadProgram({
    tree,
    parser: await testParser(),
    scenario,
    functions: [],
    touched: [],
    configuration: new Map(),
  });
  if (loaded.program === null) throw new Error(loaded.problem);
  return loaded.program;
}

let time = 0;
/** A clock that stands still, so that no test depends on how fast the machine is. */
export const now = () => time;
export const tick = (by: number) => {
  time += by;
};
