/** How long a step of the panel takes in a browser: script, style, layout and paint. Needs chromium. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Row } from './row.ts';

/** `test/panel/step-time.ts`, as `npm run bench` builds it beside this. */
const PROGRAM = path.resolve('dist/bench/step-time.mjs');
/** Milliseconds between two frames. */
const FRAME = 16;

export function panelRows(wanted: (name: string) => boolean): Row[] {
  const name = 'a step of the panel';
  if (!wanted(name)) return [];
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM], { encoding: 'utf8' });
  if (status !== 0) {
    console.error(`The panel was not measured: ${stderr.trim().split('\n').at(-1)}`);
    return [];
  }
  const { trace, times } = JSON.parse(stdout.slice(stdout.lastIndexOf('{"trace"'))) as {
    trace: number;
    times: number[];
  };
  const at = (part: number) => times[Math.floor((times.length - 1) * part)]!;
  const where = `${name} at ${trace} steps of trace`;
  return [
    { name: `${where}, median`, value: at(0.5), unit: 'ms', goal: FRAME },
    { name: `${where}, 95 of 100`, value: at(0.95), unit: 'ms', goal: null },
  ];
}
