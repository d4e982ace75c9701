/** What a user can set about a review. */
import type { Tristate } from '../c/index.ts';
import type { Level } from '../check/index.ts';
import type { Contract } from '../protocol/index.ts';

export interface ReviewOptions {
  /** Symbols that are fixed; all others that matter are tried both ways. */
  readonly configuration: ReadonlyMap<string, Tristate>;
  /** Levels that differ from the rules' own. */
  readonly ruleLevels: ReadonlyMap<string, Level | 'off'>;
  /** Also report what was there before the patch. */
  readonly all: boolean;
  /** Contracts of the project's own, tried before the built-in ones. */
  readonly contracts: readonly Contract[];
  /** Check the part `index` (from 0) of `count` of a whole-tree run. */
  readonly shard: { readonly index: number; readonly count: number } | null;
}

export const DEFAULT_OPTIONS: ReviewOptions = {
  configuration: new Map(),
  ruleLevels: new Map(),
  all: false,
  contracts: [],
  shard: null,
};
