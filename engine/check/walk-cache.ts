/** The walks made last: one walk of a function serves its own check, its callers' summary and their questions. */
import type { FunctionWalk } from './walk.ts';

/** Exits and events kept in all: each holds a path state, which is what a walk weighs. */
const MAX_WEIGHT = 60_000;

export class WalkCache {
  readonly #walks = new Map<string, FunctionWalk>();
  #weight = 0;

  get(key: string): FunctionWalk | null {
    const walk = this.#walks.get(key);
    if (!walk) return null;
    // A map keeps its order of insertion: the one used last goes to the end.
    this.#walks.delete(key);
    this.#walks.set(key, walk);
    return walk;
  }

  set(key: string, walk: FunctionWalk): void {
    const before = this.#walks.get(key);
    if (before) this.#weight -= weightOf(before);
    this.#walks.delete(key);
    this.#walks.set(key, walk);
    this.#weight += weightOf(walk);
    for (const [oldest, other] of this.#walks) {
      if (this.#weight <= MAX_WEIGHT || oldest === key) break;
      this.#walks.delete(oldest);
      this.#weight -= weightOf(other);
    }
  }
}

function weightOf({ exits, events }: FunctionWalk): number {
  return 8 + exits.length + events.length;
}
