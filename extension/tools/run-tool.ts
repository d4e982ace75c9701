/** Answering a tool's call with a command of the command line, run in this process. */
import { EXIT, type ExitStatus, type Host } from '../cli/host.ts';
import { readToolInput } from './tool-input.ts';
import type { Tool } from './tools.ts';

export interface ToolAnswer {
  /** The JSON report; for a failure, what is wrong, in words. */
  readonly text: string;
  readonly failed: boolean;
}

/** The command line: `runCommandLine` with its services. */
export type RunCommand = (argv: readonly string[], host: Host) => Promise<ExitStatus>;

/** Never rejects: input that cannot be used is an answer too. @param cwd where relative paths begin */
export async function runTool(
  tool: Tool,
  given: unknown,
  { run, cwd, env }: { readonly run: RunCommand } & Pick<Host, 'cwd' | 'env'>,
): Promise<ToolAnswer> {
  const { value: input, problem } = readToolInput(given, tool.inputSchema.properties);
  if (problem !== null) return { text: problem, failed: true };
  const out: string[] = [];
  const errors: string[] = [];
  const collect = (lines: string[]): Host['stdout'] => ({
    isTerminal: false,
    columns: undefined,
    async write(text) {
      lines.push(text);
    },
  });
  const status = await run(tool.commandOf(input), {
    cwd,
    env,
    stdout: collect(out),
    stderr: collect(errors),
    async readStdin(limit) {
      const bytes = new TextEncoder().encode(input.text('patch') ?? '');
      return bytes.length > limit ? null : bytes;
    },
  });
  return status === EXIT.unusable
    ? { text: errors.join('').trimEnd(), failed: true }
    : { text: out.join('').trimEnd(), failed: false };
}
