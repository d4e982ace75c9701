/** What the command line needs of the rest of the project; tests put their own in its place. */
import type { Parsed, Series } from '../../engine/patch/series.ts';
import type { Contract } from '../../engine/protocol/contract.ts';
import type { RuleText } from '../../engine/report/index.ts';
import type { ReviewOptions } from '../../engine/review/options.ts';
import type { Review } from '../../engine/review/review.ts';
import type { Run, SourceTree } from '../../engine/source/tree.ts';

/** A patch, a mail or a series, as text. */
export interface PatchInput {
  readonly name: string;
  readonly text: string;
}

/** A C file: a path of the tree, or with `text` a file by itself. */
export interface SourceInput {
  readonly path: string;
  readonly text?: string;
}

/** The contracts of one kernel release. */
export interface ContractList {
  /** The release, and how it was told. */
  readonly release: string;
  readonly contracts: readonly Contract[];
}

/** What there is to say of a scenario of the simulator. */
export interface ScenarioText {
  readonly name: string;
  /** One line: who does what. */
  readonly title: string;
  /** What must hold. */
  readonly property: string;
}

/** A tree, and what came of reading it. */
export interface ServiceTree extends SourceTree {
  /** What could not be read, and why, one sentence each. */
  problems(): readonly string[];
}

export interface Services {
  readonly version: string;
  openTree(root: string): Promise<ServiceTree>;
  readSeries(text: string): Promise<Parsed<Series>>;
  reviewPatches(
    inputs: readonly PatchInput[],
    tree: SourceTree | null,
    options: ReviewOptions,
    run: Run,
  ): Promise<Review>;
  /** @param jobs how many threads it may use. */
  reviewFiles(
    files: readonly SourceInput[],
    tree: SourceTree | null,
    options: ReviewOptions,
    run: Run,
    jobs: number,
  ): Promise<Review>;
  rules(): Promise<readonly RuleText[]>;
  scenarios(): Promise<readonly ScenarioText[]>;
  /** Of the tree's release, or of the newest known. */
  contracts(tree: SourceTree | null): Promise<ContractList>;
  /** The language server over standard input and output; resolves when the client has gone. */
  serve(): Promise<void>;
}
