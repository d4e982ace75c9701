/** What the editor asks of the thread that runs simulations, and what that answers. Internal: both come from one build. */
import type { Frame } from '../../engine/simulate/index.ts';
import type {
  Catalogue,
  Choice,
  MoveData,
  Setup,
  SourceData,
  VerdictData,
  ViolationData,
} from '../../media/panel/messages.ts';
import type { Inputs } from './inputs.ts';

/** What is to be simulated, and where. */
export interface Subject {
  readonly inputs: Inputs;
  /** Root of the kernel tree as an absolute path; null: the inputs alone. */
  readonly tree: string | null;
  /** False in Restricted Mode: no program is started to read the tree. */
  readonly mayExecute: boolean;
}

export interface MovesAnswer {
  /** The moves from this index on are new. */
  readonly from: number;
  readonly moves: readonly MoveData[];
  /** Of all moves. */
  readonly schedule: string;
  readonly violation: ViolationData | null;
  readonly problem: string | null;
  readonly assumed: readonly string[];
  /** What the contracts say of functions that were not met before. */
  readonly contracts: Readonly<Record<string, string>>;
}

/** A line of an image, and where it is shown elsewhere. Lines are 1-based. */
export interface LinePlace {
  /** Line of the input; null outside the hunks. */
  readonly input: number | null;
  /** Text of the file in this image, where it differs from the tree's; else null. */
  readonly text: string | null;
}

/** Requests by name: what goes in and what comes out. `id` is that of an opened simulation. */
export interface Requests {
  catalogue: { in: { subject: Subject }; out: Catalogue };
  /** Opens a simulation under an id, in place of the one that it had. An empty scenario is chosen. */
  open: {
    in: { id: number; subject: Subject; choice: Choice };
    out: { setup: Setup; problem: null } | { setup: null; problem: string };
  };
  close: { in: { id: number }; out: null };
  load: { in: { id: number; schedule: string }; out: MovesAnswer };
  /** Leads a task along lines of the code that is run, as far as it goes; `reached` of them were come by. */
  follow: {
    in: { id: number; lines: readonly { file: string; line: number }[] };
    out: MovesAnswer & { readonly reached: number };
  };
  move: { in: { id: number; position: number; task: number; choices: readonly number[] }; out: MovesAnswer };
  runToLock: { in: { id: number; position: number; task: number }; out: MovesAnswer };
  runToLine: {
    in: { id: number; position: number; task: number; file: string; line: number };
    out: MovesAnswer;
  };
  frames: { in: { id: number; position: number; task: number }; out: readonly Frame[] };
  source: { in: { id: number; file: string; function: string }; out: SourceData | null };
  /** Where a line of the code that is run is shown. */
  locate: { in: { id: number; file: string; line: number }; out: LinePlace };
  /** The line of the code that is run that a line of the input shows. */
  fromInput: { in: { id: number; line: number }; out: { file: string; line: number } | null };
  /** The line of the code that is run that a line of a file of the tree is; null where the patch removes it. */
  fromTree: { in: { id: number; file: string; line: number }; out: { file: string; line: number } | null };
  /** Tries every interleaving. */
  explore: { in: { subject: Subject; choice: Choice }; out: VerdictData };
}

export type RequestName = keyof Requests;

/** Editor → thread. `cancelled` is one 32-bit word, set to 1 when nobody wants the answer any more. */
export interface Job<N extends RequestName = RequestName> {
  readonly number: number;
  readonly name: N;
  readonly request: Requests[N]['in'];
  readonly cancelled: SharedArrayBuffer;
}

/** Thread → editor. */
export type Reply =
  | { readonly kind: 'progress'; readonly number: number; readonly message: string }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly number: number; readonly message: string };
