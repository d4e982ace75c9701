/** Spin, the model checker of Gerard Holzmann, as Debian packages it. Used by the tests of exported models and the bench. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from './bench/row.ts';

export const SPIN_NEEDED = 'needs spin and gcc (Debian: apt-get install spin gcc)';

export const hasSpin = ['spin', 'gcc'].every((tool) => {
  try {
    execFileSync(tool, [tool === 'spin' ? '-V' : '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

export interface SpinResult {
  /** `incomplete`: a combination of values was met that the model has no rule for. */
  readonly verdict: 'holds' | 'violated' | 'deadlock' | 'incomplete';
  readonly states: number;
  readonly transitions: number;
  /** Milliseconds of CPU: `spin -a` and the C compiler; the search. */
  readonly generation: number;
  readonly search: number;
  readonly output: string;
}

/** @param optimise what the compiler is told: `-O2` to measure, `-O0` where the compilation is most of it. */
export function runSpin(model: string, optimise = '-O2'): SpinResult {
  const folder = mkdtempSync(join(tmpdir(), 'lock-review-spin-'));
  const run = (tool: string, args: readonly string[]) => {
    const result = runChild(tool, args, folder);
    if (result?.status !== 0) throw new Error(`${tool} ${args.join(' ')} failed`);
    return result;
  };
  try {
    writeFileSync(join(folder, 'model.pml'), model);
    const generated = run('spin', ['-a', 'model.pml']);
    const compiled = run('gcc', [optimise, '-w', '-DSAFETY', '-o', 'pan', 'pan.c']);
    const { output, cpu } = run('./pan', ['-m100000', '-w20']);
    const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN);
    return {
      verdict: /assertion violated \(?is_known/.test(output)
        ? 'incomplete'
        : output.includes('invalid end state (')
          ? 'deadlock'
          : /errors: [1-9]/.test(output)
            ? 'violated'
            : 'holds',
      states: number(/(\d+) states, stored/),
      transitions: number(/(\d+) transitions/),
      generation: generated.cpu + compiled.cpu,
      search: cpu,
      output,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
