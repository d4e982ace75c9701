/** One thing to fuzz: a reader of text that is not ours, and what must hold whatever the text is. */
export interface FuzzTarget {
  readonly name: string;
  /** Texts to begin with. */
  seeds(): readonly string[];
  /** Words that the format knows, for mutations to put in. */
  readonly words: readonly string[];
  /** Reads a text. Throws, or rejects, where something does not hold. */
  run(text: string): unknown;
}

/** Makes a target whose preparation (a parser, a tree) is only paid for when it runs. */
export type TargetMaker = () => Promise<FuzzTarget>;

/** Throws an Error with `message` unless `condition` holds. */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
