/** Builds a graph of basic blocks one instruction at a time, and drops what cannot be reached. */
import type { Block, BlockId, Expr, Instruction, Span, Terminator } from './ir.ts';

interface OpenBlock {
  readonly instructions: Instruction[];
  terminator: Terminator | null;
}

export interface Graph {
  readonly entry: BlockId;
  readonly blocks: readonly Block[];
  /** The new number of a block as the builder knew it, or -1 where it was dropped. */
  readonly renumber: readonly BlockId[];
}

export class GraphBuilder {
  readonly #blocks: OpenBlock[] = [{ instructions: [], terminator: null }];
  #current = 0;

  /** A new empty block; nothing leads to it yet. */
  block(): BlockId {
    this.#blocks.push({ instructions: [], terminator: null });
    return this.#blocks.length - 1;
  }

  get current(): BlockId {
    return this.#current;
  }

  /** Goes on in another block. */
  continueIn(id: BlockId): void {
    this.#current = id;
  }

  /** True where control cannot be here any more. */
  get closed(): boolean {
    return this.#blocks[this.#current]!.terminator !== null;
  }

  emit(instruction: Instruction): void {
    const block = this.#blocks[this.#current]!;
    if (block.terminator === null) block.instructions.push(instruction);
  }

  end(terminator: Terminator): void {
    const block = this.#blocks[this.#current]!;
    block.terminator ??= terminator;
  }

  goto(to: BlockId, span: Span): void {
    this.end({ kind: 'goto', to, at: span.at, end: span.end });
  }

  branch(condition: Expr, then: BlockId, otherwise: BlockId, span: Span): void {
    this.end({ kind: 'branch', condition, then, otherwise, at: span.at, end: span.end });
  }

  finish(): Graph {
    const reach = (id: BlockId): BlockId => {
      // A block that only jumps on is no block.
      const seen = new Set<BlockId>();
      let at = id;
      for (;;) {
        const block = this.#blocks[at]!;
        if (block.instructions.length > 0 || block.terminator?.kind !== 'goto' || seen.has(at)) return at;
        seen.add(at);
        at = block.terminator.to;
      }
    };
    const renumber = new Array<number>(this.#blocks.length).fill(-1);
    const order: BlockId[] = [];
    const visit = (id: BlockId): BlockId => {
      const real = reach(id);
      if (renumber[real] === -1) {
        renumber[real] = order.length;
        order.push(real);
      }
      return renumber[real]!;
    };
    visit(0);
    const blocks: Block[] = [];
    for (let at = 0; at < order.length; at++) {
      const { instructions, terminator } = this.#blocks[order[at]!]!;
      const end: Terminator = terminator ?? { kind: 'return', value: null, at: 0, end: 0 };
      blocks.push({ id: at, instructions, terminator: redirect(end, visit) });
    }
    for (let id = 0; id < renumber.length; id++) if (renumber[id] === -1) renumber[id] = renumber[reach(id)]!;
    return { entry: 0, blocks, renumber };
  }
}

function redirect(terminator: Terminator, visit: (id: BlockId) => BlockId): Terminator {
  switch (terminator.kind) {
    case 'goto':
      return { ...terminator, to: visit(terminator.to) };
    case 'branch':
      return { ...terminator, then: visit(terminator.then), otherwise: visit(terminator.otherwise) };
    case 'switch':
      return {
        ...terminator,
        cases: terminator.cases.map((one) => ({ ...one, to: visit(one.to) })),
        otherwise: visit(terminator.otherwise),
      };
    default:
      return terminator;
  }
}
