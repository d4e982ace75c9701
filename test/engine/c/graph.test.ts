import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  type Configuration,
  lowerFunction,
  parseUnit,
  printGraph,
  type Tristate,
} from '../../../engine/c/index.ts';
import { testParser } from '../parser.ts';

/**
 * Fixtures of control flow: `test/fixtures/cfg/*.c`. The comment that each begins with has the expected graph,
 * in the notation of `printGraph()`, and the symbols that are set, if any; others are `n`.
 */
const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'cfg');
const FIXTURES = readdirSync(FOLDER).filter((name) => name.endsWith('.c'));

interface Fixture {
  readonly text: string;
  readonly graph: string;
  readonly configuration: Configuration;
}

function readFixture(name: string): Fixture {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const head = text
    .slice('/*'.length, text.indexOf('*/'))
    .split('\n')
    .map((line) => line.replace(/^ \*/, '').trim())
    .join(' ');
  const [, graph = '', config = ''] = /^cfg: (.*?)(?: config: (.*))?$/.exec(head.trim()) ?? [];
  const values = new Map(
    config
      .split(' ')
      .filter((part) => part !== '')
      .map((part) => part.split('=') as [string, Tristate]),
  );
  return { text, graph, configuration: { values, fallback: 'n' } };
}

describe('control flow', async () => {
  const parser = await testParser();

  it('has its fixtures', () => {
    expect(FIXTURES.length).toBeGreaterThanOrEqual(60);
  });

  it.each(FIXTURES)('%s', (name) => {
    const { text, graph, configuration } = readFixture(name);
    const unit = parseUnit(name, text);
    expect(unit.functions).toHaveLength(1);
    const ir = lowerFunction(parser, unit, unit.functions[0]!, configuration);
    expect(printGraph(ir)).toBe(graph);
  });
});
