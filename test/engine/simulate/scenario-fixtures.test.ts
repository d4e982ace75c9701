/**
 * Players of our own, by the scenario that they are for: `test/fixtures/scenarios/NAME/*.c`. The comment on the first
 * line is the oracle: `holds`, or `violated` and words of the violation. Every function of the file may play.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseUnit } from '../../../engine/c/index.ts';
import { scenarioNamed, simulate } from '../../../engine/simulate/index.ts';
import { overlayTree } from '../../../engine/source/index.ts';
import { testParser } from '../parser.ts';
import { now } from './run.ts';

const FOLDER = path.resolve('test/fixtures/scenarios');
const fixtures = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.c'))
  .sort();

describe('a scenario with players of our own', () => {
  it.each(fixtures)('%s', async (name) => {
    const text = readFileSync(path.join(FOLDER, name), 'utf8');
    const [, expected = '', words = ''] = /^\/\* (holds|violated): (.*) \*\/\n/.exec(text) ?? [];
    const scenario = scenarioNamed(path.dirname(name));
    if (scenario === null) throw new Error(`${name}: there is no such scenario`);
    const file = path.basename(name);
    const { result, problem } = await simulate({
      tree: overlayTree(null, new Map([[file, text]])),
      parser: await testParser(),
      scenario,
      functions: parseUnit(file, text).functions.map((fn) => fn.name),
      touched: [file],
      configuration: new Map(),
      how: { kind: 'explore', options: { now } },
      run: {},
    });
    expect(result?.verdict, problem ?? '').toBe(expected);
    if (expected === 'violated') expect(result?.trace?.violation?.message).toContain(words);
  });

  it('both holds and can be violated, in each folder', () => {
    const folders = new Set(fixtures.map((name) => path.dirname(name)));
    expect(folders.size).toBeGreaterThan(1);
    for (const folder of folders)
      for (const kind of ['holds', 'violated'])
        expect(
          fixtures.some((name) => name.startsWith(`${folder}/${kind}-`)),
          `${folder}/${kind}-*.c`,
        ).toBe(true);
  });
});
