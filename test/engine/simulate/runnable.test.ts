/** Every function of the files that the simulator is for compiles without a construct that it cannot run. */
import { describe, expect, it } from 'vitest';
import { loadProgram, type Scenario } from '../../../engine/simulate/index.ts';
import { openDirectoryTree } from '../../../extension/tree/index.ts';
import { hasShared, shared } from '../../shared.ts';
import { testParser } from '../parser.ts';

const FILES = [
  'fs/proc/task_mmu.c',
  'mm/mmap_lock.c',
  'kernel/bpf/stackmap.c',
  'drivers/android/binder_alloc.c',
  'mm/memory.c',
];

const NOTHING: Scenario = {
  name: 'compile',
  title: 'nothing is run',
  property: 'none',
  depth: 'full',
  mms: [{ name: 'mm', vmas: [] }],
  roles: [],
  c: 'void idle(void) { }',
  tasks: [{ name: 'idle', call: 'idle()' }],
};

describe.runIf(hasShared)('functions that can be run, needs ../shared', () => {
  it.each(FILES)('%s', async (file) => {
    const tree = openDirectoryTree(shared('kernel', 'linux-7.2'));
    const { program } = await loadProgram({
      tree,
      parser: await testParser(),
      scenario: NOTHING,
      functions: [],
      touched: [file],
      configuration: new Map(),
    });
    const { linker } = program!;
    const unit = linker.options.units.units.get(file)!;
    const obstacles: string[] = [];
    let compiled = 0;
    for (const fn of unit.functions) {
      if (linker.options.units.definition(fn.name, unit)?.fn !== fn) continue;
      const one = linker.ensure(linker.ref(unit, fn));
      compiled++;
      for (const { at, message } of one.obstacles)
        obstacles.push(`${fn.name} ${file}:${unit.position(at).line}: ${message}`);
    }
    expect(compiled).toBeGreaterThan(10);
    expect(obstacles).toEqual([]);
  });
});
