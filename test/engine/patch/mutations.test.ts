/** Ten thousand mutated patches: no crash, and nothing that is not in the input. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatPatch, parseSeries, reverseSeries } from '../../../engine/patch/index.ts';
import { collapsed, expandedTabs, quoted, wrapped } from './disguises.ts';
import { SAMPLE } from './sample.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'patch');
const inputs = readdirSync(folder)
  .filter((name) => !name.endsWith('.series'))
  .map((name) => readFileSync(join(folder, name), 'utf8'));
const sources = [
  SAMPLE,
  quoted(SAMPLE, 2),
  collapsed(SAMPLE),
  quoted(expandedTabs(SAMPLE)),
  wrapped(SAMPLE, 60),
  ...inputs,
];

/** A generator with a seed: the same mutations in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Mutation = (lines: string[], pick: (below: number) => number) => void;

const MUTATIONS: readonly Mutation[] = [
  (lines, pick) => lines.splice(pick(lines.length), 1),
  (lines, pick) => lines.splice(pick(lines.length), 1 + pick(10)),
  (lines, pick) => lines.splice(pick(lines.length), 0, lines[pick(lines.length)] ?? ''),
  (lines, pick) => lines.splice(pick(lines.length), 0, '', 'A comment in between?', ''),
  (lines, pick) => lines.splice(pick(lines.length), 0, ['[...]', '> [ snip ]', '...'][pick(3)]!),
  (lines, pick) => change(lines, pick, (line) => line.slice(1)),
  (lines, pick) => change(lines, pick, (line) => `> ${line}`),
  (lines, pick) => change(lines, pick, (line) => line.trim()),
  (lines, pick) =>
    change(lines, pick, (line) => line.replace(/\d+/, (digits) => `${Number(digits) + pick(5) - 2}`)),
  (lines, pick) => change(lines, pick, (line) => line.replace(/\d+/, '99999999999')),
  (lines, pick) => change(lines, pick, (line) => line.slice(0, pick(line.length + 1))),
  (lines, pick) => change(lines, pick, (line) => line + String.fromCharCode(pick(0x3000))),
  (lines, pick) => change(lines, pick, (line) => line.replaceAll(/[ab]\//g, '../')),
  (lines, pick) => {
    const at = pick(lines.length);
    lines.splice(at, 2, `${lines[at] ?? ''}${lines[at + 1] ?? ''}`);
  },
  (lines, pick) => {
    const at = pick(lines.length);
    const line = lines[at] ?? '';
    const middle = pick(line.length + 1);
    lines.splice(at, 1, line.slice(0, middle), line.slice(middle));
  },
  (lines, pick) => {
    const [a, b] = [pick(lines.length), pick(lines.length)];
    [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
  },
];

function change(lines: string[], pick: (below: number) => number, edit: (line: string) => string): void {
  const at = pick(lines.length);
  lines[at] = edit(lines[at] ?? '');
}

describe('mutated patches', () => {
  it.each([1, 2, 3, 4])('2,500 of them, seed %d', async (seed) => {
    const pick = random(seed);
    let patches = 0;
    let hunks = 0;
    for (let round = 0; round < 2_500; round++) {
      const lines = sources[pick(sources.length)]!.split('\n');
      for (let edits = 1 + pick(6); edits > 0; edits--) MUTATIONS[pick(MUTATIONS.length)]!(lines, pick);
      const { value, problems } = await parseSeries(lines.join('\n'));
      formatPatch(value);
      formatPatch(reverseSeries(value));
      patches += value.patches.length;
      if (value.patches.length === 0) expect(problems).not.toEqual([]);
      for (const file of value.patches.flatMap((patch) => patch.files)) {
        expect((file.newPath ?? '').split('/')).not.toContain('..');
        for (const hunk of file.hunks) {
          hunks++;
          const places = hunk.lines.map((line) => line.inputLine);
          expect(places.every((place) => place >= 1 && place <= lines.length)).toBe(true);
        }
      }
    }
    // Mutated patches still are patches, most of them.
    expect(patches).toBeGreaterThan(2_000);
    expect(hunks).toBeGreaterThan(3_500);
  });
});
