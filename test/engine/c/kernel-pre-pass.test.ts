import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Configuration, evaluate, parseUnit, sliceFunction } from '../../../engine/c/index.ts';
import { hasShared, shared } from '../../shared.ts';
import { complaints } from './grammar.ts';

const CONFIGURATIONS: readonly Configuration[] = [
  { values: new Map(), fallback: 'y' },
  { values: new Map(), fallback: 'n' },
];

describe.runIf(hasShared)('functions of a kernel, needs ../shared', () => {
  it.each(['kernel/locking', 'drivers/android'])('of %s parse', async (directory) => {
    const path = shared('kernel', 'linux-7.2', directory);
    let tried = 0;
    const broken: string[] = [];
    for (const name of readdirSync(path).filter((file) => /\.[ch]$/.test(file))) {
      const unit = parseUnit(name, readFileSync(join(path, name), 'utf8'));
      expect(unit.problems, name).toEqual([]);
      for (const fn of unit.functions) {
        for (const configuration of CONFIGURATIONS) {
          if (!evaluate(fn.presence, configuration)) continue;
          tried++;
          const found = await complaints(sliceFunction(unit, fn, configuration).text);
          if (found.length > 0) broken.push(`${name} ${fn.name}: ${found[0]}`);
        }
      }
    }
    expect(tried).toBeGreaterThan(200);
    expect(broken.length / tried, broken.join('\n')).toBeLessThan(0.005);
  });
});
