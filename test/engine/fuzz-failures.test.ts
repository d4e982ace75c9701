/** Every text that a fuzzer ever tripped a reader with: each is read again. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { TARGETS } from '../fuzz/targets/index.ts';

const FOLDER = path.resolve(import.meta.dirname, '../fixtures/fuzz');

describe.each(readdirSync(FOLDER))('texts that tripped %s', (name) => {
  it.each(readdirSync(path.join(FOLDER, name)))('%s', async (file) => {
    const target = await TARGETS[name]!();
    await expect(
      Promise.resolve(target.run(readFileSync(path.join(FOLDER, name, file), 'utf8'))),
    ).resolves.toBe(undefined);
  });
});
