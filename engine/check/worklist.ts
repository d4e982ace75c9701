/** The states still to be walked, first those at the earliest block in reverse post-order. */
import type { PathState } from './path-state.ts';

/** A place in the queue, whose state can be replaced for as long as it waits. */
export interface Waiting {
  state: PathState;
  waits: boolean;
}

export class Worklist {
  readonly #queues: Waiting[][];
  #first: number;

  /** `blocks`: how many there are. */
  constructor(blocks: number) {
    this.#queues = Array.from({ length: blocks }, () => []);
    this.#first = blocks;
  }

  /** `order`: the block's place in reverse post-order. */
  add(order: number, state: PathState): Waiting {
    const waiting: Waiting = { state, waits: true };
    this.#queues[order]!.push(waiting);
    if (order < this.#first) this.#first = order;
    return waiting;
  }

  /** The next state and the place of its block, or null where nothing waits. */
  take(): { readonly order: number; readonly state: PathState } | null {
    for (; this.#first < this.#queues.length; this.#first++) {
      const next = this.#queues[this.#first]!.shift();
      if (!next) continue;
      next.waits = false;
      return { order: this.#first, state: next.state };
    }
    return null;
  }
}
