/** A command line without a process and without an engine: what is written is kept, what is reviewed is given. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Series } from '../../engine/patch/series.ts';
import type { RuleText } from '../../engine/report/index.ts';
import type { ReviewOptions } from '../../engine/review/options.ts';
import type { Review } from '../../engine/review/review.ts';
import type { Host } from '../../extension/cli/host.ts';
import { runCommandLine } from '../../extension/cli/run.ts';
import type { PatchInput, Services, SourceInput } from '../../extension/cli/services.ts';
import { openTree } from '../../extension/tree/index.ts';
import { clean, sample } from '../engine/report/sample.ts';

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lock-review-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

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

/** A patch that the fake reader takes for one. */
export const PATCH = 'diff --git a/drivers/demo/pool.c b/drivers/demo/pool.c\n';

export interface Call {
  readonly patches?: readonly PatchInput[];
  readonly files?: readonly SourceInput[];
  readonly tree: string | null;
  readonly options: ReviewOptions;
}

export interface Setup {
  /** The review of any patches. */
  readonly patches?: Review;
  readonly files?: Review;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly stdin?: string | Uint8Array;
  readonly terminal?: { readonly stdout?: number; readonly stderr?: number };
  /** Fails every write to standard output with this code. */
  readonly stdoutFails?: string;
  readonly services?: Partial<Services>;
}

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The reviews that were asked for. */
  readonly calls: readonly Call[];
}

/** Runs `lock-review` with these arguments. */
export async function cli(argv: readonly string[], setup: Setup = {}): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const calls: Call[] = [];
  const host: Host = {
    cwd: setup.cwd ?? tmpdir(),
    env: setup.env ?? {},
    stdout: {
      isTerminal: setup.terminal?.stdout !== undefined,
      columns: setup.terminal?.stdout,
      async write(text) {
        if (setup.stdoutFails !== undefined)
          throw Object.assign(new Error('failed'), { code: setup.stdoutFails });
        stdout += text;
      },
    },
    stderr: {
      isTerminal: setup.terminal?.stderr !== undefined,
      columns: setup.terminal?.stderr,
      async write(text) {
        stderr += text;
      },
    },
    async readStdin(limit) {
      const bytes = Buffer.from(setup.stdin ?? '');
      return bytes.length > limit ? null : bytes;
    },
  };
  const services: Services = {
    version: '1.2.3',
    openTree,
    readSeries: async (text) => ({ value: seriesOf(text), problems: [] }),
    async reviewPatches(patches, tree, options) {
      calls.push({ patches, tree: tree?.name ?? null, options });
      return { ...(setup.patches ?? sample), inputs: patches.map((patch) => patch.name) };
    },
    async reviewFiles(files, tree, options) {
      calls.push({ files, tree: tree?.name ?? null, options });
      return { ...(setup.files ?? clean), inputs: files.map((file) => file.path) };
    },
    rules: async () => RULES,
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
    ...setup.services,
  };
  const status = await runCommandLine(argv, host, services);
  return { status, stdout, stderr, calls };
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
