/** The guide's recipes, as they stand in the guide. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { allRules, type Rule } from '../../engine/check/index.ts';
import type { Contract } from '../../engine/protocol/index.ts';
import { DEFAULT_OPTIONS, type ReviewOptions, reviewFiles } from '../../engine/review/index.ts';
import { type Scenario, simulate } from '../../engine/simulate/index.ts';
import { overlayTree } from '../../engine/source/index.ts';
import { readConfiguration } from '../../extension/cli/project-configuration.ts';
import { testParser } from '../engine/parser.ts';
import { ROOT } from '../server/bundle.ts';

const GUIDE = readFileSync(path.join(ROOT, 'docs/extending.md'), 'utf8');

/** The block of code in this language that holds `words`. */
function block(language: string, words: string): string {
  const blocks = [...GUIDE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, kind]) => kind === language);
  const found = blocks.filter(([, , text = '']) => text.includes(words));
  expect(found, words).toHaveLength(1);
  return found[0]?.[2] ?? '';
}

/** What a module of the guide exports. */
function exported<T>(text: string, name: string): T {
  const module = { exports: {} as Record<string, T> };
  new Function('module', 'exports', transformSync(text, { loader: 'ts', format: 'cjs' }).code)(
    module,
    module.exports,
  );
  return module.exports[name]!;
}

const found = async (text: string, options: Partial<ReviewOptions> = {}) => {
  const files = [{ path: 'kiln.c', text }];
  const review = await reviewFiles(files, null, { ...DEFAULT_OPTIONS, ...options }, await testParser());
  return review.findings.map(({ line, rule }) => `${line} ${rule}`);
};

describe('docs/extending.md', () => {
  it('has a contract for .lock-review.json that is read and used', async () => {
    const { value, problems } = readConfiguration(
      block('json', 'gate_enter'),
      allRules().map((rule) => rule.id),
    );
    expect(problems).toEqual([]);
    const gate = block('c', 'gate_pass');
    expect(await found(gate, { contracts: value.contracts as readonly Contract[] })).toEqual(['5 lock-leak']);
    expect(await found(gate)).toEqual([]);
  });

  it('has a rule that finds the one fixture and not the other', async () => {
    const rule = exported<Rule>(block('ts', 'debugLeftIn'), 'debugLeftIn');
    const rules = allRules() as Rule[];
    rules.push(rule);
    try {
      expect(await found(block('c', 'bad-inside.c'))).toEqual(['5 debug-left-in']);
      expect(await found(block('c', 'good-outside.c'))).toEqual([]);
    } finally {
      rules.pop();
    }
  });

  it('has a scenario that one player holds and the other violates', async () => {
    const scenario = exported<Scenario>(block('ts', 'twoWriters'), 'twoWriters');
    const good = block('c', 'area_add_flag');
    expect(good).toMatch(/^\/\* holds: /);
    const verdict = async (text: string) => {
      const { result } = await simulate({
        tree: overlayTree(null, new Map([['area.c', text]])),
        parser: await testParser(),
        scenario,
        functions: ['area_add_flag'],
        touched: ['area.c'],
        configuration: new Map(),
        how: { kind: 'explore', options: { now: () => 0 } },
        run: {},
      });
      return [result?.verdict, result?.steps];
    };
    expect(await verdict(good)).toEqual(['holds', null]);
    expect(await verdict(good.replaceAll('mmap_write_', 'mmap_read_'))).toEqual(['violated', 9]);
    expect(GUIDE).toMatch(/`violated \(9\s+steps, shortest schedule first\): a flag was lost`/);
  });
});
