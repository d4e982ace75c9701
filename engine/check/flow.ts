/** Facts about a function's graph that path walking needs: order of blocks, loops, live variables. */
import { partsOf } from '../c/expression-parts.ts';
import type { BlockId, Expr, FunctionIR, Instruction, Terminator } from '../c/ir.ts';

export interface Flow {
  /** Position of each block in reverse post-order, by block id; -1 where it cannot be reached. */
  readonly order: readonly number[];
  /** True for a block that lies on a cycle. */
  readonly inLoop: readonly boolean[];
  /** Names that may be read from the start of each block on, before they are written. */
  readonly live: readonly ReadonlySet<string>[];
  /** Variables whose address is taken somewhere; they are live throughout. */
  readonly addressTaken: ReadonlySet<string>;
  /** How many branches and returns ask about each place, by its text; a place tested once needs no memory of the test. */
  readonly tests: ReadonlyMap<string, number>;
  /** Fields that the file sets to constants: their state on entry tells a caller which way a function goes. */
  readonly flags: ReadonlySet<string>;
}

export function successors(terminator: Terminator): readonly BlockId[] {
  switch (terminator.kind) {
    case 'goto':
      return [terminator.to];
    case 'branch':
      return [terminator.then, terminator.otherwise];
    case 'switch':
      return [...new Set([...terminator.cases.map((one) => one.to), terminator.otherwise])];
    default:
      return [];
  }
}

export function analyseFlow(ir: FunctionIR, flags: ReadonlySet<string> = new Set()): Flow {
  const order = reversePostOrder(ir);
  const addressTaken = new Set<string>();
  const uses: Set<string>[] = [];
  const definitions: Set<string>[] = [];
  const tests = new Map<string, number>();
  for (const block of ir.blocks) {
    const used = new Set<string>();
    const defined = new Set<string>();
    const use = (expr: Expr) =>
      eachName(expr, (name) => {
        if (!defined.has(name)) used.add(name);
      });
    for (const instruction of block.instructions) visitInstruction(instruction, use, defined, addressTaken);
    const end = block.terminator;
    if (end.kind === 'branch') {
      use(end.condition);
      countTests(end.condition, tests);
    } else if (end.kind === 'switch') {
      use(end.value);
      countTests(end.value, tests);
    } else if (end.kind === 'return' && end.value) {
      use(end.value);
      countTests(end.value, tests);
    }
    uses.push(used);
    definitions.push(defined);
  }
  const sequence = [...ir.blocks.keys()]
    .filter((id) => order[id]! >= 0)
    .sort((a, b) => order[b]! - order[a]!);
  const live: Set<string>[] = ir.blocks.map(() => new Set());
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of sequence) {
      const set = live[id]!;
      const before = set.size;
      for (const name of uses[id]!) set.add(name);
      for (const next of successors(ir.blocks[id]!.terminator)) {
        for (const name of live[next]!) if (!definitions[id]!.has(name)) set.add(name);
      }
      if (set.size !== before) changed = true;
    }
  }
  return {
    order,
    inLoop: findLoops(ir, order),
    live,
    addressTaken,
    tests,
    flags,
  };
}

function reversePostOrder(ir: FunctionIR): number[] {
  const order = new Array<number>(ir.blocks.length).fill(-1);
  const done: BlockId[] = [];
  const seen = new Set<BlockId>([ir.entry]);
  const stack: { id: BlockId; next: readonly BlockId[]; at: number }[] = [
    { id: ir.entry, next: successors(ir.blocks[ir.entry]!.terminator), at: 0 },
  ];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const to = top.next[top.at++];
    if (to === undefined) {
      done.push(top.id);
      stack.pop();
    } else if (!seen.has(to)) {
      seen.add(to);
      stack.push({ id: to, next: successors(ir.blocks[to]!.terminator), at: 0 });
    }
  }
  for (let at = 0; at < done.length; at++) order[done[at]!] = done.length - 1 - at;
  return order;
}

/** Marks the blocks of each natural loop: those between a back edge's target and its source. */
function findLoops(ir: FunctionIR, order: readonly number[]): boolean[] {
  const inLoop = new Array<boolean>(ir.blocks.length).fill(false);
  const predecessors: BlockId[][] = ir.blocks.map(() => []);
  for (const block of ir.blocks) {
    if (order[block.id]! < 0) continue;
    for (const to of successors(block.terminator)) predecessors[to]!.push(block.id);
  }
  for (const block of ir.blocks) {
    if (order[block.id]! < 0) continue;
    for (const head of successors(block.terminator)) {
      if (order[head]! > order[block.id]!) continue;
      const work = [block.id];
      const member = new Set<BlockId>([head]);
      while (work.length > 0) {
        const id = work.pop()!;
        if (member.has(id)) continue;
        member.add(id);
        work.push(...predecessors[id]!);
      }
      for (const id of member) if (order[id]! >= order[head]!) inLoop[id] = true;
    }
  }
  return inLoop;
}

function visitInstruction(
  instruction: Instruction,
  use: (expr: Expr) => void,
  defined: Set<string>,
  addressTaken: Set<string>,
): void {
  const visit = (expr: Expr) => {
    use(expr);
    eachAddress(expr, (name) => addressTaken.add(name));
  };
  const define = (target: Expr | null) => {
    if (target === null) return;
    if (target.kind === 'name') defined.add(target.name);
    else visit(target);
  };
  switch (instruction.kind) {
    case 'assign':
      visit(instruction.value);
      define(instruction.target);
      break;
    case 'call':
      visit(instruction.callee);
      for (const arg of instruction.args) visit(arg);
      define(instruction.result);
      break;
    case 'declare':
      defined.add(instruction.name);
      break;
    case 'guard-enter':
      for (const arg of instruction.args) visit(arg);
      defined.add(instruction.variable);
      break;
    case 'guard-exit':
    case 'cleanup':
      use({ kind: 'name', name: instruction.variable, binding: 'local' });
      break;
    case 'opaque':
      break;
  }
}

/** Calls back for each variable that an expression names, places included. */
export function eachName(expr: Expr, found: (name: string) => void): void {
  if (expr.kind === 'name' && expr.binding !== 'global') found(expr.name);
  for (const part of partsOf(expr)) eachName(part, found);
}

function eachAddress(expr: Expr, found: (name: string) => void): void {
  if (expr.kind === 'address') {
    let place = expr.operand;
    while (place.kind === 'field' && !place.arrow) place = place.base;
    if (place.kind === 'name' && place.binding !== 'global') found(place.name);
  }
  for (const part of partsOf(expr)) eachAddress(part, found);
}

/** Counts, per field or variable name, how many tests mention it. */
export function countTests(expr: Expr, tests: Map<string, number>): void {
  const count = (name: string) => tests.set(name, (tests.get(name) ?? 0) + 1);
  const walk = (part: Expr): void => {
    switch (part.kind) {
      case 'name':
        count(part.name);
        break;
      case 'field':
        count(`.${part.name}`);
        walk(part.base);
        break;
      case 'index':
        walk(part.base);
        walk(part.index);
        break;
      case 'deref':
      case 'address':
      case 'unary':
      case 'cast':
        walk(part.operand);
        break;
      case 'binary':
        walk(part.left);
        walk(part.right);
        break;
    }
  };
  walk(expr);
}

/** The expressions that an instruction evaluates, or writes to. */
export function expressionsOf(instruction: Instruction | Terminator): readonly Expr[] {
  switch (instruction.kind) {
    case 'assign':
      return [instruction.value, instruction.target];
    case 'call':
      return [instruction.callee, ...instruction.args, ...(instruction.result ? [instruction.result] : [])];
    case 'guard-enter':
      return instruction.args;
    case 'branch':
      return [instruction.condition];
    case 'switch':
      return [instruction.value];
    case 'return':
      return instruction.value ? [instruction.value] : [];
    default:
      return [];
  }
}

/** Calls back for each pointer that evaluating an expression follows; the address of a member follows none. */
export function eachFollowed(expr: Expr, isPlace: boolean, found: (pointer: Expr) => void): void {
  switch (expr.kind) {
    case 'field':
      if (expr.arrow && !isPlace) found(expr.base);
      eachFollowed(expr.base, !expr.arrow && isPlace, found);
      break;
    case 'deref':
      if (!isPlace) found(expr.operand);
      eachFollowed(expr.operand, false, found);
      break;
    case 'index':
      if (!isPlace) found(expr.base);
      eachFollowed(expr.base, false, found);
      eachFollowed(expr.index, false, found);
      break;
    case 'address':
      eachFollowed(expr.operand, true, found);
      break;
    case 'unary':
    case 'cast':
      eachFollowed(expr.operand, false, found);
      break;
    case 'binary':
      eachFollowed(expr.left, false, found);
      eachFollowed(expr.right, false, found);
      break;
    case 'aggregate':
      for (const field of expr.fields) eachFollowed(field.value, false, found);
      break;
  }
}
