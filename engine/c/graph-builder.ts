/** Builds a graph of basic blocks one instruction at a time; what cannot be reached is dropped at the end. */
import type { Block, BlockId, Expr, Instruction, SwitchCase, Terminator } from './ir.ts';

export interface Graph {
  readonly entry: BlockId;
  readonly blocks: readonly Block[];
  /** The number that a block of the builder has in the graph, or -1 where it cannot be reached. */
  readonly renumber: (id: BlockId) => BlockId;
}

/** No block: control cannot come here. */
const NOWHERE = -1;

export class GraphBuilder {
  readonly #instructions: Instruction[][] = [[]];
  readonly #terminators: (Terminator | null)[] = [null];
  #current: BlockId = 0;

  /** A new empty block; nothing leads to it yet. */
  block(): BlockId {
    this.#terminators.push(null);
    return this.#instructions.push([]) - 1;
  }

  /** The block that instructions go to; made on the spot where control cannot come. */
  get current(): BlockId {
    if (this.#current === NOWHERE) this.#current = this.block();
    return this.#current;
  }

  /** False right behind a jump: what is written there runs only if a label leads to it. */
  get isOpen(): boolean {
    return this.#current !== NOWHERE;
  }

  emit(instruction: Instruction): void {
    this.#instructions[this.current]!.push(instruction);
  }

  /** Goes on in a block. If the one before was not ended, it leads there. */
  enter(id: BlockId, at: number, end: number): void {
    if (this.#current !== NOWHERE) this.goto(id, at, end);
    this.#current = id;
  }

  end(terminator: Terminator): void {
    this.#terminators[this.current] = terminator;
    this.#current = NOWHERE;
  }

  /** Ends a block that was left open while others were built. */
  endBlock(id: BlockId, terminator: Terminator): void {
    this.#terminators[id] = terminator;
  }

  /** Leaves the current block open, for `endBlock()`. */
  suspend(): BlockId {
    const id = this.current;
    this.#current = NOWHERE;
    return id;
  }

  goto(to: BlockId, at: number, end: number): void {
    this.end({ kind: 'goto', to, at, end });
  }

  branch(condition: Expr, then: BlockId, otherwise: BlockId, at: number, end: number): void {
    this.end({ kind: 'branch', condition, then, otherwise, at, end });
  }

  /**
   * The graph: blocks that only jump on and blocks with one way in from one way out are joined, and all are
   * numbered in reverse post-order, the taken side of a branch first.
   */
  finish(): Graph {
    const target = this.#shortcuts();
    const count = this.#terminators.length;
    const entries = new Int32Array(count);
    const order: BlockId[] = [];
    const state = new Uint8Array(count);
    const stack: BlockId[] = [target[0]!];
    const successors: BlockId[] = [];
    entries[target[0]!] = 2;
    state[target[0]!] = 1;
    // A block is on the stack twice at most: once to be entered and once to be left.
    while (stack.length > 0) {
      const id = stack[stack.length - 1]!;
      if (state[id] !== 1) {
        stack.pop();
        if (state[id] === 2) {
          state[id] = 3;
          order.push(id);
        }
        continue;
      }
      state[id] = 2;
      successors.length = 0;
      collectSuccessors(this.#terminators[id]!, successors);
      // The last one pushed is visited first and so comes last: the taken side is to come first.
      for (let i = 0; i < successors.length; i++) {
        const to = target[successors[i]!]!;
        entries[to]!++;
        if (state[to] === 0 || state[to] === 1) {
          state[to] = 1;
          stack.push(to);
        }
      }
    }
    order.reverse();
    return this.#assemble(order, target, entries);
  }

  /** Where a jump to each block ends up, empty blocks being passed through. */
  #shortcuts(): Int32Array {
    const count = this.#terminators.length;
    const target = new Int32Array(count).fill(NOWHERE);
    const path: BlockId[] = [];
    for (let id = 0; id < count; id++) {
      path.length = 0;
      let at = id;
      while (target[at] === NOWHERE) {
        const terminator = this.#terminators[at] ?? null;
        target[at] = at;
        if (terminator === null || terminator.kind !== 'goto' || this.#instructions[at]!.length > 0) break;
        path.push(at);
        at = terminator.to;
      }
      // On a circle of empty blocks, this is the block where it closed.
      const to = target[at]!;
      for (const passed of path) target[passed] = to;
    }
    return target;
  }

  #assemble(order: readonly BlockId[], target: Int32Array, entries: Int32Array): Graph {
    const number = new Int32Array(this.#terminators.length).fill(NOWHERE);
    const heads: BlockId[] = [];
    const tails: Terminator[] = [];
    for (const head of order) {
      if (number[head] !== NOWHERE) continue;
      const own = heads.push(head) - 1;
      number[head] = own;
      let terminator = this.#terminatorOf(head, target);
      while (terminator.kind === 'goto') {
        const next = target[terminator.to]!;
        if (entries[next] !== 1 || number[next] !== NOWHERE) break;
        number[next] = own;
        const instructions = this.#instructions[head]!;
        for (const instruction of this.#instructions[next]!) instructions.push(instruction);
        terminator = this.#terminatorOf(next, target);
      }
      tails.push(terminator);
    }
    const renumber = (id: BlockId): BlockId => {
      const to = target[id];
      return to === undefined ? NOWHERE : number[to]!;
    };
    const blocks = heads.map((head, id) => ({
      id,
      instructions: this.#instructions[head]!,
      terminator: redirect(tails[id]!, renumber),
    }));
    return { entry: renumber(0), blocks, renumber };
  }

  #terminatorOf(id: BlockId, target: Int32Array): Terminator {
    const terminator = this.#terminators[id] ?? { kind: 'unreachable', at: 0, end: 0 };
    if (terminator.kind !== 'branch' || target[terminator.then] !== target[terminator.otherwise])
      return terminator;
    return { kind: 'goto', to: terminator.then, at: terminator.at, end: terminator.end };
  }
}

function collectSuccessors(terminator: Terminator | null, into: BlockId[]): void {
  switch (terminator?.kind) {
    case 'goto':
      into.push(terminator.to);
      break;
    case 'branch':
      into.push(terminator.then, terminator.otherwise);
      break;
    case 'switch':
      for (const one of terminator.cases) into.push(one.to);
      into.push(terminator.otherwise);
      break;
  }
}

function redirect(terminator: Terminator, renumber: (id: BlockId) => BlockId): Terminator {
  switch (terminator.kind) {
    case 'goto':
      return { ...terminator, to: renumber(terminator.to) };
    case 'branch': {
      const then = renumber(terminator.then);
      return { ...terminator, then, otherwise: renumber(terminator.otherwise) };
    }
    case 'switch':
      return {
        ...terminator,
        cases: terminator.cases.map((one): SwitchCase => ({ ...one, to: renumber(one.to) })),
        otherwise: renumber(terminator.otherwise),
      };
    default:
      return terminator;
  }
}
