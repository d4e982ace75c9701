/** What a search may use. Reaching it is a verdict. */
import { counted } from '../verdict.ts';

export interface Limits {
  readonly maxStates: number;
  /** Of memory for states, roughly. */
  readonly maxMegabytes: number;
  readonly maxMilliseconds: number;
}

export const DEFAULT_LIMITS: Limits = { maxStates: 3_000_000, maxMegabytes: 512, maxMilliseconds: 60_000 };

/** Bytes that a state takes in tables and lists. */
const STATE_BYTES = 180;

export class Budget {
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #end: number;
  readonly #isCancelled: () => boolean;
  #checks = 0;
  reason = '';
  cancelled = false;

  constructor(limits: Limits, now: () => number, isCancelled: () => boolean = () => false) {
    this.#limits = limits;
    this.#now = now;
    this.#end = now() + limits.maxMilliseconds;
    this.#isCancelled = isCancelled;
  }

  /** @param bytes taken beyond what every state takes. */
  isSpent(states: number, bytes = 0): boolean {
    const { maxStates, maxMegabytes, maxMilliseconds } = this.#limits;
    if (states >= maxStates) return this.#stop(`the limit of ${counted(maxStates, 'state')} was reached`);
    if (states * STATE_BYTES + bytes >= maxMegabytes * 1e6)
      return this.#stop(`the limit of ${maxMegabytes} MB was reached`);
    if ((this.#checks++ & 255) !== 0) return false;
    if (this.#isCancelled()) {
      this.cancelled = true;
      return this.#stop('it was cancelled');
    }
    return this.#now() > this.#end
      ? this.#stop(`the limit of ${maxMilliseconds / 1000} s was reached`)
      : false;
  }

  #stop(reason: string): true {
    this.reason = reason;
    return true;
  }
}
