/** One line of the bench's table, and how it is measured. */
import { spawnSync } from 'node:child_process';

export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value is to be at most, or at least where more is better; null: only shown. */
  readonly goal: number | null;
  readonly more?: boolean;
}

/** Milliseconds of CPU that this process has used. */
export function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export interface ChildRun {
  readonly status: number | null;
  readonly output: string;
  /** Milliseconds of CPU of the program and of what it started. */
  readonly cpu: number;
}

/** Runs a program to its end. @returns null where there is no such program. */
export function runChild(program: string, args: readonly string[], cwd: string): ChildRun | null {
  // The shell knows what its children have used; Node does not.
  const script =
    'command -v "$1" >/dev/null || exit 127; "$@" 2>/dev/null; status=$?; times >&2; exit $status';
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', program, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status === 127) return null;
  const children = stderr.trim().split('\n').at(-1) ?? '';
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => 60 * Number(m) + Number(s));
  return { status, output: stdout, cpu: 1000 * seconds.reduce((sum, one) => sum + one, 0) };
}
