/** Patches as they come: each input of the corpus against the series that is expected of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isPatchText, parseSeries } from '../../../engine/patch/index.ts';
import { renderSeries } from './render.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'patch');
const inputs = readdirSync(folder).filter((name) => !name.endsWith('.series'));

/** Inputs in which there is no patch, or none that can be told to be one without decoding it. */
const NO_PATCH = new Set(['binary.bin', 'context.diff', 'cover-only.eml', 'empty.txt', 'source.c']);

describe('corpus of inputs', () => {
  it.each(inputs)('%s', async (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const parsed = await parseSeries(text);
    await expect(renderSeries(parsed)).toMatchFileSnapshot(join(folder, `${name}.series`));
    expect(isPatchText(text)).toBe(!NO_PATCH.has(name));
  });
});
