/** What holds of every FunctionIR, whatever the text was. Each function gives what is wrong, in words. */
import type { Block, BlockId, FunctionIR, Terminator } from '../../../engine/c/index.ts';

export function successorsOf(terminator: Terminator): readonly BlockId[] {
  switch (terminator.kind) {
    case 'goto':
      return [terminator.to];
    case 'branch':
      return [terminator.then, terminator.otherwise];
    case 'switch':
      return [...terminator.cases.map((one) => one.to), terminator.otherwise];
    default:
      return [];
  }
}

/** Block numbers, targets, labels and offsets; and that every block can be reached. */
export function structureFaults(ir: FunctionIR, length: number): string[] {
  const faults: string[] = [];
  const reached = new Set<BlockId>();
  const work = [ir.entry];
  while (work.length > 0) {
    const id = work.pop()!;
    if (reached.has(id)) continue;
    const block = ir.blocks[id];
    if (block === undefined) {
      faults.push(`there is no block ${id}`);
      continue;
    }
    reached.add(id);
    work.push(...successorsOf(block.terminator));
  }
  ir.blocks.forEach((block, index) => {
    if (block.id !== index) faults.push(`block ${index} is called ${block.id}`);
    if (!reached.has(index)) faults.push(`block ${index} cannot be reached`);
    for (const { at, end } of [...block.instructions, block.terminator]) {
      if (!(at >= 0 && at <= end && end <= length)) faults.push(`${at}-${end} is outside of the text`);
    }
  });
  for (const label of ir.labels) {
    if (label.block !== -1 && ir.blocks[label.block] === undefined) faults.push(`${label.name} has no block`);
  }
  for (const { at, end } of ir.problems) {
    if (!(at >= 0 && at <= end && end <= length)) faults.push(`problem ${at}-${end} is outside of the text`);
  }
  const names = [...ir.params, ...ir.locals].map((one) => one.name);
  for (const name of new Set(names)) {
    if (names.filter((one) => one === name).length > 1) faults.push(`${name} is declared twice`);
  }
  return faults;
}

interface Walk {
  readonly id: BlockId;
  /** Guards that are in force, outermost first. */
  readonly held: readonly string[];
  /** Variables that were given NULL where a jump went past the beginning of their scope. */
  readonly skipped: readonly string[];
}

/**
 * That on every path each guard that is entered is left, innermost first, and no guard is left that was not
 * entered or skipped. Walks each block with each combination of guards once.
 */
export function guardFaults(ir: FunctionIR): string[] {
  const faults = new Set<string>();
  const seen = new Set<string>();
  const work: Walk[] = [{ id: ir.entry, held: [], skipped: [] }];
  while (work.length > 0 && seen.size < 20_000) {
    const walk = work.pop()!;
    const key = JSON.stringify(walk);
    if (seen.has(key)) continue;
    seen.add(key);
    const block = ir.blocks[walk.id]!;
    const after = walkBlock(block, walk, faults);
    if (block.terminator.kind === 'return' && after.held.length > 0) {
      faults.add(`${after.held.join()} in force at the return of block ${block.id}`);
    }
    for (const id of successorsOf(block.terminator)) work.push({ ...after, id });
  }
  return [...faults];
}

function walkBlock(block: Block, from: Walk, faults: Set<string>): Omit<Walk, 'id'> {
  let { held, skipped } = from;
  for (const instruction of block.instructions) {
    if (instruction.kind === 'guard-enter') {
      const { variable } = instruction;
      if (held.includes(variable)) faults.add(`${variable} entered twice in block ${block.id}`);
      held = [...held, variable];
      skipped = skipped.filter((one) => one !== variable);
    } else if (instruction.kind === 'guard-exit') {
      const { variable } = instruction;
      if (held.at(-1) === variable) held = held.slice(0, -1);
      else if (skipped.includes(variable)) skipped = skipped.filter((one) => one !== variable);
      else faults.add(`${variable} left in block ${block.id} where ${held.join()} is in force`);
    } else if (instruction.kind === 'assign' && instruction.target.kind === 'name') {
      const { name } = instruction.target;
      if (name.startsWith('%guard')) skipped = [...skipped.filter((one) => one !== name), name].sort();
    }
  }
  return { held, skipped };
}
