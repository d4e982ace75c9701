/** A command line without a process and without an engine: what is written is kept, what is reviewed is given. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Host } from '../../extension/cli/host.ts';
import { runCommandLine } from '../../extension/cli/run.ts';
import type { Services, SimulationOrder } from '../../extension/cli/services.ts';
import { type Answers, type Call, fakeServices } from './fake-services.ts';

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lock-review-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A patch that the fake reader takes for one. */
export const PATCH = 'diff --git a/drivers/demo/pool.c b/drivers/demo/pool.c\n';

export interface Setup extends Omit<Answers, 'ordered'> {
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
  /** The simulations that were asked for. */
  readonly orders: readonly SimulationOrder[];
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
  const orders: SimulationOrder[] = [];
  const fake = fakeServices({ ...setup, ordered: (order) => orders.push(order) }, (call) => calls.push(call));
  const services: Services = { ...fake, ...setup.services };
  const status = await runCommandLine(argv, host, services);
  return { status, stdout, stderr, calls, orders };
}
