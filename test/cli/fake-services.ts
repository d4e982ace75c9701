/** The services of the command line without an engine: the reviews are given. */
import type { Series } from '../../engine/patch/series.ts';
import type { RuleText } from '../../engine/report/index.ts';
import type { ReviewOptions } from '../../engine/review/options.ts';
import type { Review } from '../../engine/review/review.ts';
import type { SimulationResult } from '../../engine/simulate/simulation.ts';
import type { PatchInput, Services, SimulationOrder, SourceInput } from '../../extension/cli/services.ts';
import { openTree } from '../../extension/tree/index.ts';
import { clean, sample } from '../engine/report/sample.ts';

export const RULES: readonly RuleText[] = ['contract-changed', 'double-lock', 'lock-leak', 'split-read'].map(
  (id) => ({
    id,
    level: id === 'contract-changed' ? 'warning' : id === 'split-read' ? 'note' : 'error',
    doc: {
      what: `What ${id} finds.`,
      why: `Why ${id} matters.`,
      advice: `What to do about ${id}.`,
      bad: 'void bad(void)\n{\n}\n',
      good: 'void good(void)\n{\n}\n',
    },
  }),
);

export interface Call {
  readonly patches?: readonly PatchInput[];
  readonly files?: readonly SourceInput[];
  readonly tree: string | null;
  readonly options: ReviewOptions;
}

/** What the services answer with. */
export interface Answers {
  readonly patches?: Review;
  readonly files?: Review;
  /** A contract differs from its body, and nothing says why. */
  readonly unexplained?: boolean;
  readonly simulations?: readonly SimulationResult[];
  /** Told of each simulation that is asked for. */
  readonly ordered?: (order: SimulationOrder) => void;
}

/** Asked for by the services: what was reviewed. */
export type Asked = (call: Call) => void;

export function fakeServices(reviews: Answers = {}, asked: Asked = () => {}): Services {
  return {
    version: '1.2.3',
    openTree,
    readSeries: async (text) => ({ value: seriesOf(text), problems: [] }),
    async reviewPatches(patches, tree, options) {
      asked({ patches, tree: tree?.name ?? null, options });
      return { ...(reviews.patches ?? sample), inputs: patches.map((patch) => patch.name) };
    },
    async reviewFiles(files, tree, options) {
      asked({ files, tree: tree?.name ?? null, options });
      return { ...(reviews.files ?? clean), inputs: files.map((file) => file.path) };
    },
    rules: async () => RULES,
    async simulate(order) {
      reviews.ordered?.(order);
      const ran = reviews.simulations ?? [];
      const chosen = ran.filter((one) => order.scenario === null || one.scenario === order.scenario);
      const skipped =
        chosen.length > 0 ? [] : [{ scenario: 'pool', problem: 'pool: nothing plays the role drain' }];
      const isModel = order.how.kind === 'promela';
      const models = isModel ? chosen.map(({ scenario }) => ({ scenario, text: `/* ${scenario} */\n` })) : [];
      return {
        results: isModel ? [] : chosen,
        models,
        skipped,
        notes: [{ message: 'callees are unknown', file: null, line: null }],
      };
    },
    scenarios: async () => [
      {
        name: 'pool-drain',
        title: 'a reader of the pool; a writer drains it',
        property: 'the reader is never lost',
      },
      { name: 'pool', title: 'one task', property: 'it ends' },
    ],
    verifyContracts: async () => ({
      release: '6.12',
      contracts: 3,
      agreeing: 1,
      silent: 0,
      unseen: 1,
      differences: [
        {
          contract: { name: 'pool_lock', what: 'function', outcomes: [], source: 'drivers/demo/pool.h' },
          file: 'drivers/demo/pool.c',
          line: 7,
          mismatches: [
            { side: 'contract', text: 'takes arg0.lock' },
            { side: 'body', text: 'leaves every lock as it was' },
          ],
          because: reviews.unexplained ? null : 'the lock is taken by hardware',
        },
      ],
    }),
    contracts: async (tree) => ({
      release: tree === null ? 'the newest' : `of ${await tree.read('Makefile')}`,
      contracts: [
        {
          name: 'pool_lock',
          what: 'function',
          outcomes: [
            { when: 'any', effects: [{ op: 'acquire', lock: 'arg0.lock', kind: 'mutex', mode: 'W' }] },
          ],
          sleeps: 'yes',
          source: 'drivers/demo/pool.h',
        },
      ],
    }),
    serve: async () => {},
    serveMcp: async () => {},
  };
}

/** One patch with one file for a text with a `diff --git` line, none for another. */
function seriesOf(text: string): Series {
  if (!text.includes('diff --git')) return { patches: [] };
  return {
    patches: [
      {
        subject: 'drivers/demo: lock the pool',
        author: 'Jane Doe <jane@example.org>',
        number: 1,
        total: 2,
        messageId: '<one@example.org>',
        commit: null,
        description: [],
        inputLine: 1,
        files: [
          {
            oldPath: 'drivers/demo/pool.c',
            newPath: 'drivers/demo/pool.c',
            oldBlob: null,
            newBlob: null,
            oldMode: null,
            newMode: null,
            isRename: false,
            isCopy: false,
            isBinary: false,
            inputLine: 1,
            hunks: [],
          },
        ],
      },
    ],
  };
}
