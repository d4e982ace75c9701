/** Running git so that nothing of the repository's configuration is executed. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import path from 'node:path';

/**
 * Options in front of every command: no program that the repository names (monitors, pagers, external diffs), no
 * network, no locks, and the same output whatever the user's settings are.
 */
const SAFE = [
  '--no-pager',
  '--no-optional-locks',
  '--literal-pathspecs',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.quotePath=false',
  '-c',
  'core.untrackedCache=false',
  '-c',
  'protocol.allow=never',
  '-c',
  'color.ui=false',
  '-c',
  'submodule.recurse=false',
];

function environment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
  };
  for (const [name, value] of Object.entries(process.env)) {
    // A hook or another git that runs this tool points git at its own repository: that is not the one asked for.
    if (!name.startsWith('GIT_') && value !== undefined && name !== 'LC_ALL') env[name] = value;
  }
  return env;
}

/**
 * Where programs are started: Windows looks for them in the current folder first, and a repository may hold a
 * `git.exe` of its own.
 */
export const ELSEWHERE = path.dirname(process.execPath);

const LONGEST_OUTPUT = 256 << 20;

export interface GitResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs git in `root`. Null where git cannot be run at all or says more than can be kept. Never rejects. */
export function runGit(root: string, args: readonly string[]): Promise<GitResult | null> {
  return new Promise((resolve) => {
    const options = {
      cwd: ELSEWHERE,
      maxBuffer: LONGEST_OUTPUT,
      encoding: 'utf8' as const,
      env: environment(),
    };
    execFile('git', ['-C', path.resolve(root), ...SAFE, ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ status: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ status: error.code, stdout, stderr });
      else resolve(null);
    });
  });
}

/** Reads objects through one `git cat-file --batch`, started when first needed. */
export interface ObjectReader {
  /** The bytes of a blob by hash or `revision:path`; null for what is no blob, or longer than `limit`. */
  read(name: string): Promise<Buffer | null>;
  close(): void;
}

export function objectReader(root: string, limit: number): ObjectReader {
  let child: ChildProcessWithoutNullStreams | null = null;
  const waiting: ((bytes: Buffer | null) => void)[] = [];
  let chunks: Buffer[] = [];
  let held = 0;

  const stop = () => {
    const ended = child;
    child = null;
    chunks = [];
    held = 0;
    ended?.stdin.destroy();
    ended?.stdout.destroy();
    ended?.kill();
    for (const resolve of waiting.splice(0)) resolve(null);
  };

  const take = () => {
    while (waiting.length > 0 && held > 0) {
      // Joined only when there may be enough, so that a large blob is not copied once a chunk.
      const first = chunks[0]!;
      let newline = first.indexOf(10);
      if (newline < 0 && chunks.length > 1) {
        chunks = [Buffer.concat(chunks)];
        newline = chunks[0]!.indexOf(10);
      }
      if (newline < 0) return;
      const header = chunks[0]!.toString('latin1', 0, newline);
      const parts = header.split(' ');
      const size = parts.length === 3 && /^\d+$/.test(parts[2]!) ? Number(parts[2]) : null;
      const needed = newline + 1 + (size === null ? 0 : size + 1);
      if (held < needed) return;
      const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const body = size === null ? null : all.subarray(newline + 1, newline + 1 + size);
      const rest = all.subarray(needed);
      chunks = rest.length > 0 ? [rest] : [];
      held = rest.length;
      waiting.shift()!(
        body !== null && parts[1] === 'blob' && body.length <= limit ? Buffer.from(body) : null,
      );
    }
    // Nothing is asked: do not keep the program alive for the sake of git.
    if (waiting.length === 0) setRef(false);
  };

  const setRef = (on: boolean) => {
    for (const part of [child, child?.stdin, child?.stdout, child?.stderr] as unknown as ({
      ref(): void;
      unref(): void;
    } | null)[]) {
      if (on) part?.ref?.();
      else part?.unref?.();
    }
  };

  const start = (): ChildProcessWithoutNullStreams => {
    if (child !== null) return child;
    const started = spawn('git', ['-C', path.resolve(root), ...SAFE, 'cat-file', '--batch'], {
      cwd: ELSEWHERE,
      env: environment(),
    });
    child = started;
    started.on('error', () => started === child && stop());
    started.on('close', () => started === child && stop());
    started.stdin.on('error', () => started === child && stop());
    started.stderr.resume();
    started.stdout.on('data', (chunk: Buffer) => {
      if (started !== child) return;
      chunks.push(chunk);
      held += chunk.length;
      take();
    });
    return started;
  };

  return {
    read(name) {
      // A line is a request: a name with a newline in it would be two.
      if (/[\n\r\0]/.test(name)) return Promise.resolve(null);
      return new Promise((resolve) => {
        const process = start();
        waiting.push(resolve);
        setRef(true);
        process.stdin.write(`${name}\n`);
      });
    },
    close: stop,
  };
}

/** Parses `path NUL word NEWLINE` records, as `git grep -o --null` and `rg -o --null` write them. */
export function parseMatches(output: string, prefix: string): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const line of output.split('\n')) {
    const nul = line.indexOf('\0');
    if (nul < 0) continue;
    const path = line.slice(0, nul);
    const word = line.slice(nul + 1);
    const set = found.get(word) ?? new Set();
    set.add(path.startsWith(prefix) ? path.slice(prefix.length) : path);
    found.set(word, set);
  }
  return new Map([...found].map(([word, paths]) => [word, [...paths].sort()]));
}
