/** Real series through the simulator, as the command line runs it: what it finds, and what the report shows. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSchedule, type SimulationResult, simulationText } from '../../engine/simulate/index.ts';
import { runSimulation } from '../../extension/cli/run-simulation.ts';
import type { SimulationOrder } from '../../extension/cli/services.ts';
import { openDirectoryTree } from '../../extension/tree/index.ts';
import { testParser } from '../engine/parser.ts';
import { CASES } from '../engine/simulate/scenario-cases.ts';
import { hasShared, shared } from '../shared.ts';

const tree = () => openDirectoryTree(shared('kernel', 'linux-7.2'));

async function run(order: Partial<SimulationOrder>): Promise<SimulationResult> {
  const { results, skipped } = await runSimulation(
    {
      patches: [],
      sources: [],
      tree: tree(),
      functions: [],
      scenario: null,
      configuration: new Map(),
      how: { kind: 'explore' },
      depth: null,
      before: false,
      ...order,
    },
    await testParser(),
    {},
  );
  expect(skipped).toEqual([]);
  return results[0]!;
}

const series = (version: string) => {
  const name = `unconditional-${version}.mbox`;
  return [{ name, text: readFileSync(shared('corpus', 'series', name), 'utf8') }];
};

/** The tree's file with the change of a case, as an input of the command line. */
async function changed(scenario: string) {
  const [file, from, to] = CASES.find((one) => one.scenario === scenario && one.release === '7.2')!.edit;
  const text = (await tree().read(file))!;
  expect(text).toContain(from);
  return [{ path: file, text: text.replace(from, to) }];
}

describe.runIf(hasShared)('simulate on real series, needs ../shared', () => {
  it.each([
    ['v2', 'violated'],
    ['v3', 'holds'],
  ])('a lookup that finds nothing, in %s: %s', async (version, verdict) => {
    const result = await run({
      patches: series(version),
      functions: ['vma_start_read_unlocked'],
      scenario: 'lookup-miss',
    });
    expect(result).toMatchObject({ verdict, scenario: 'lookup-miss' });
    if (verdict === 'holds') return;
    expect(result).toMatchObject({ isShortest: true, trace: { violation: { kind: 'null-dereference' } } });
    expect(result.trace!.violation!.place).toMatchObject({
      file: 'mm/mmap_lock.c',
      function: 'vma_start_read_unlocked',
    });
  });

  it.each([
    ['after', false, 'violated'],
    ['before', true, 'holds'],
  ])(
    'finds the code of another file that a removed symbol decides over, %s v2',
    async (_, before, verdict) => {
      const result = await run({ patches: series('v2'), scenario: 'config-removed', before });
      expect(result).toMatchObject({
        verdict,
        roles: [{ function: 'stack_map_lock_vma' }, { function: 'stack_map_unlock_vma' }],
      });
    },
  );

  it.each([
    ['v2', 'violated'],
    ['v3', 'holds'],
  ])(
    'a lock taken one way and released another once the symbol is gone, in %s: %s',
    async (version, verdict) => {
      const result = await run({
        patches: series(version),
        functions: ['stack_map_lock_vma'],
        scenario: 'config-removed',
      });
      expect(result.verdict).toBe(verdict);
      if (verdict === 'holds') return;
      expect(result.trace!.violation).toMatchObject({ kind: 'unlock-not-held' });
      // Both locks before and after: the VMA is read-locked, and nobody holds the mmap_lock that is released.
      const text = simulationText(result);
      expect(text).toMatch(/A \[0x1000,0x3000\) ref 2 seq - R user/);
      expect(text).toContain(
        'mmap_read_unlock() releases mm.mmap_lock, which this task did not take: nobody holds it',
      );
    },
  );

  it('draws the false gap: what the reader found, what the writer made of it, what was reported', async () => {
    const result = await run({ sources: await changed('maps-shrink'), scenario: 'maps-shrink' });
    expect(result.trace!.violation).toMatchObject({ kind: 'property' });
    const lines = simulationText(result).split('\n');
    const at = lines.findIndex((line) => line.startsWith('  reader found'));
    expect(lines.slice(at - 1, at + 3)).toEqual([
      '                  0x1000              0x2000                                  0x4000',
      '  reader found    |---------------------------VMA A---------------------------|',
      '  writer made it  |-------VMA B-------|-----------------VMA A-----------------|',
      '  reader reported |        gap        |-----------------VMA A-----------------|',
    ]);
    const replayed = await run({
      sources: await changed('maps-shrink'),
      scenario: 'maps-shrink',
      how: { kind: 'schedule', schedule: parse(result.trace!.schedule) },
    });
    expect(JSON.stringify(replayed.trace)).toBe(JSON.stringify(result.trace));
  });

  it('says of a deadlock who waits for whom', async () => {
    const result = await run({ sources: await changed('writer-waits'), scenario: 'writer-waits' });
    expect(result.trace!.violation!.cycle).toEqual([
      'reader waits for mm.mmap_lock for reading, held by reader, behind writer in its queue',
      'writer waits for mm.mmap_lock for writing, held by reader',
    ]);
    const text = simulationText(result);
    for (const sentence of result.trace!.violation!.cycle) expect(text).toContain(`* ${sentence}`);
    expect(text).toContain('writer waits for mm.mmap_lock, behind reader');
  });
});

function parse(text: string) {
  const { schedule, problem } = parseSchedule(text);
  expect(problem).toBe('');
  return schedule!;
}
