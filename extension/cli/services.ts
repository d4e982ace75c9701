/** What the command line needs of the rest of the project; tests put their own in its place. */

import type { Tristate } from '../../engine/c/condition.ts';
import type { Parsed, Series } from '../../engine/patch/series.ts';
import type { Contract } from '../../engine/protocol/contract.ts';
import type { RuleText } from '../../engine/report/index.ts';
import type { ReviewOptions } from '../../engine/review/options.ts';
import type { Note, Review } from '../../engine/review/review.ts';
import type { ContractVerification } from '../../engine/review/verify-contracts.ts';
import type { ExploreOptions, Limits } from '../../engine/simulate/explore/index.ts';
import type { Schedule } from '../../engine/simulate/schedule.ts';
import type { SimulationResult } from '../../engine/simulate/simulation.ts';
import type { Run, SourceTree } from '../../engine/source/tree.ts';
import type { Choice } from '../../media/panel/messages.ts';

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

/** What to simulate. */
export interface SimulationOrder {
  readonly patches: readonly PatchInput[];
  readonly sources: readonly SourceInput[];
  readonly tree: SourceTree | null;
  /** Functions that are to play the scenario's roles. */
  readonly functions: readonly string[];
  /** Null: every scenario that the functions fit. */
  readonly scenario: string | null;
  readonly configuration: ReadonlyMap<string, Tristate>;
  readonly how:
    | ({ readonly kind: 'explore' } & Pick<ExploreOptions, 'limits' | 'strategy' | 'preemptions'>)
    | { readonly kind: 'random'; readonly seed: number; readonly runs: number }
    | { readonly kind: 'schedule'; readonly schedule: Schedule }
    /** No search: the scenario as a model for Spin. */
    | { readonly kind: 'promela'; readonly limits: Partial<Limits> };
  /** Null: the scenario's own. */
  readonly depth: 'contract' | 'full' | null;
  /** Run the code as it is before the patches. */
  readonly before: boolean;
  /** Changes to the scenario's own tasks and addresses. */
  readonly own?: Choice['own'];
}

export interface SimulationAnswer {
  readonly results: readonly SimulationResult[];
  /** Where models were asked for: one for each scenario, as text. */
  readonly models: readonly { readonly scenario: string; readonly text: string }[];
  /** Scenarios that could not be set up, and why. */
  readonly skipped: readonly { readonly scenario: string; readonly problem: string }[];
  readonly notes: readonly Note[];
}

/** A tree, and what came of reading it. */
export interface ServiceTree extends SourceTree {
  /** What could not be read, and why, one sentence each. */
  problems(): readonly string[];
}

/** How many files are reviewed. */
export interface FilesRun {
  /** Threads it may use. */
  readonly jobs: number;
  /** The folder with what was found out before; null: everything is found out anew, and nothing is kept. */
  readonly cache: string | null;
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
  reviewFiles(
    files: readonly SourceInput[],
    tree: SourceTree | null,
    options: ReviewOptions,
    run: Run,
    how: FilesRun,
  ): Promise<Review>;
  rules(): Promise<readonly RuleText[]>;
  simulate(order: SimulationOrder, run: Run): Promise<SimulationAnswer>;
  scenarios(): Promise<readonly ScenarioText[]>;
  /** Of the tree's release, or of the newest known. */
  contracts(tree: SourceTree | null): Promise<ContractList>;
  /** The contracts of the tree's release against the bodies that it has for them. */
  verifyContracts(tree: SourceTree): Promise<ContractVerification>;
  /** The language server over standard input and output; resolves when the client has gone. */
  serve(): Promise<void>;
  /** The tools for assistants over standard input and output; resolves when the client has gone. */
  serveMcp(): Promise<void>;
}
