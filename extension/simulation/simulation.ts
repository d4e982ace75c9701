/**
 * One simulation as the editor holds it: what was chosen, the moves, and where among them one is. The panel and a
 * debug session are two views of it; each is told what the other does. Knows nothing of an editor.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Frame } from '../../engine/simulate/index.ts';
import {
  type Catalogue,
  type Choice,
  type FindingPath,
  type HostMessage,
  type MoveData,
  type SessionFile,
  type Setup,
  type State,
  type Unversioned,
  VERSION,
  type VerdictData,
  type ViolationData,
} from '../../media/panel/messages.ts';
import type { LinePlace, MovesAnswer, Subject } from './requests.ts';
import type { SimulationThread } from './thread.ts';

export type Told = Unversioned<HostMessage>;

/** What a simulation is compared with: the code on the other side of the patch, or another schedule. */
export type Comparison = 'image' | 'schedule';

export interface SideState {
  readonly setup: Setup;
  moves: MoveData[];
  /** The state at each position: one more than there are moves. */
  states: State[];
  schedule: string;
  violation: ViolationData | null;
  problem: string | null;
  assumed: readonly string[];
}

export interface SimulationOptions {
  readonly subject: Subject;
  readonly choice: Choice;
  /** The document that the inputs come from, as a URI. */
  readonly document: string | null;
  readonly finding: FindingPath | null;
  /** Threads for stepping, and for exploring meanwhile. */
  readonly thread: SimulationThread;
  readonly explorer: SimulationThread;
}

/** A message to the panel is kept below this, in characters. */
const MOST_CHARACTERS = 400_000;

let lastId = 0;

export class Simulation {
  readonly subject: Subject;
  readonly document: string | null;
  readonly finding: FindingPath | null;
  readonly #thread: SimulationThread;
  readonly #explorer: SimulationThread;
  readonly #ids = [++lastId, ++lastId] as const;
  /** Tells it from every other one. */
  readonly id = this.#ids[0];
  readonly #listeners = new Set<(message: Told) => void>();
  #choice: Choice;
  #catalogue: Catalogue | null = null;
  #sides: [SideState | null, SideState | null] = [null, null];
  #comparison: Comparison | null = null;
  #position = 0;
  #contracts: Record<string, string> = {};
  #verdict: VerdictData | null = null;
  #exploration: AbortController | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #isDebugged = false;
  /** What it is doing; null: nothing. */
  #work: string | null = null;

  constructor(options: SimulationOptions) {
    this.subject = options.subject;
    this.document = options.document;
    this.finding = options.finding;
    this.#choice = options.choice;
    this.#thread = options.thread;
    this.#explorer = options.explorer;
  }

  // --- Looking at it -------------------------------------------------------------------------------------------

  get choice(): Choice {
    return this.#choice;
  }

  get position(): number {
    return this.#position;
  }

  /** Null before it was opened, and where it could not be. */
  get main(): SideState | null {
    return this.#sides[0];
  }

  get other(): SideState | null {
    return this.#sides[1];
  }

  get isDebugged(): boolean {
    return this.#isDebugged;
  }

  set isDebugged(isOn: boolean) {
    this.#isDebugged = isOn;
    this.#tell({ type: 'debugging', isOn });
  }

  get catalogue(): Catalogue | null {
    return this.#catalogue;
  }

  /** The state at the present position. */
  state(): State | null {
    const main = this.main;
    return main === null ? null : main.states[Math.min(this.#position, main.moves.length)]!;
  }

  /** Where each task is at the present position; null where it has ended. */
  places(): readonly (MoveData['next'] | null)[] {
    const main = this.main;
    if (main === null) return [];
    const state = this.state()!;
    return main.setup.starts.map((start, task) => {
      if (state.tasks[task]?.state === 'ended') return null;
      const last = main.moves.slice(0, this.#position).findLast((move) => move.task === task);
      return last === undefined ? start : last.next;
    });
  }

  /** @returns what ends the listening. */
  listen(listener: (message: Told) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  /** All that a panel has to be told that knows nothing yet. */
  whole(): readonly Told[] {
    const told: Told[] = [{ type: 'busy', what: this.#work }];
    if (this.#catalogue !== null)
      told.push({ type: 'catalogue', catalogue: this.#catalogue, finding: this.finding });
    for (const side of [0, 1] as const) told.push(...this.#sideMessages(side));
    told.push({ type: 'contracts', contracts: this.#contracts });
    told.push({ type: 'position', position: this.#position });
    if (this.#verdict !== null) told.push({ type: 'verdict', verdict: this.#verdict });
    told.push({ type: 'debugging', isOn: this.#isDebugged });
    return told;
  }

  /** All that its state follows from. */
  file(): SessionFile {
    const other = this.other;
    return {
      lockReviewSession: VERSION,
      inputs: this.subject.inputs as SessionFile['inputs'],
      tree: this.subject.tree,
      document: this.document,
      choice: this.#choice,
      schedule: this.main?.schedule ?? 'v1:',
      position: this.#position,
      second: other === null ? null : { choice: other.setup.choice, schedule: other.schedule },
    };
  }

  // --- Opening -------------------------------------------------------------------------------------------------

  /** Opens it with a choice. @param from a session to go on with: its schedule, position and comparison. */
  open(choice: Choice = this.#choice, from: SessionFile | null = null): Promise<void> {
    return this.#inTurn(async () => {
      this.cancel();
      this.#choice = choice;
      this.#verdict = null;
      this.#busy('reading the inputs');
      const wasCompared = this.#comparison === 'image' && from === null;
      this.#end(1);
      this.#comparison = null;
      const setup = await this.#openSide(0, choice);
      if (setup === null) return this.#tellCatalogue();
      this.#choice = setup.choice;
      this.#position = 0;
      await this.#load(0, from?.schedule ?? 'v1:');
      this.#position = Math.min(from?.position ?? 0, this.main?.moves.length ?? 0);
      if (from !== null && from.second !== null) {
        this.#comparison = from.second.choice.image === setup.choice.image ? 'schedule' : 'image';
        if ((await this.#openSide(1, from.second.choice)) !== null) await this.#load(1, from.second.schedule);
      } else if (wasCompared) await this.#compareImages();
      this.#tellPosition();
      this.#keep();
      await this.#tellCatalogue();
    });
  }

  /** What there is to choose from: looked up after the first simulation is on show. */
  async #tellCatalogue(): Promise<void> {
    if (this.#catalogue !== null) return;
    this.#catalogue = await this.#thread.ask(
      'catalogue',
      { subject: this.subject },
      { progress: (what) => this.#busy(what) },
    );
    this.#tell({ type: 'catalogue', catalogue: this.#catalogue, finding: this.finding });
  }

  async #openSide(side: 0 | 1, choice: Choice): Promise<Setup | null> {
    const answer = await this.#thread.ask(
      'open',
      { id: this.#ids[side], subject: this.subject, choice },
      { progress: (what) => this.#busy(what) },
    );
    if (answer.setup === null) {
      this.#sides[side] = null;
      this.#tell({ type: 'setup', side, setup: null });
      this.#tell({ type: 'problem', message: answer.problem });
      return null;
    }
    this.#sides[side] = {
      setup: answer.setup,
      moves: [],
      states: [answer.setup.before],
      schedule: 'v1:',
      violation: null,
      problem: null,
      assumed: [],
    };
    for (const message of this.#sideMessages(side)) this.#tell(message);
    return answer.setup;
  }

  // --- Stepping ------------------------------------------------------------------------------------------------

  /** Goes to a position among the moves. */
  seek(position: number): void {
    const most = Math.max(this.main?.moves.length ?? 0, this.other?.moves.length ?? 0);
    this.#position = Math.max(0, Math.min(position, most));
    this.#tellPosition();
  }

  /** Makes a move at a position; what lay ahead of it is replaced. */
  move(position: number, task: number, choices: readonly number[] = []): Promise<void> {
    return this.#step(() => this.#thread.ask('move', { id: this.#ids[0], position, task, choices }));
  }

  runToLock(position: number, task: number): Promise<void> {
    return this.#step(() => this.#thread.ask('runToLock', { id: this.#ids[0], position, task }));
  }

  runToLine(position: number, task: number, file: string, line: number): Promise<void> {
    return this.#step(() => this.#thread.ask('runToLine', { id: this.#ids[0], position, task, file, line }));
  }

  /** Follows a schedule, and goes to its end. */
  load(schedule: string): Promise<void> {
    return this.#step(() => this.#thread.ask('load', { id: this.#ids[0], schedule }));
  }

  /**
   * Follows the path of the finding that it was opened for, and what comes of it. @returns false where no step of it
   * was come by; what could be followed in part only is said.
   */
  async follow(): Promise<boolean> {
    const steps = this.finding?.steps ?? [];
    const lines: { file: string; line: number }[] = [];
    for (const step of steps) {
      const place = await this.#codeLine(step.file, step.line);
      if (place !== null) lines.push(place);
    }
    if (lines.length === 0) return false;
    let reached = 0;
    await this.#step(async () => {
      const answer = await this.#thread.ask('follow', { id: this.#ids[0], lines });
      reached = answer.reached;
      return answer;
    });
    if (reached > 0 && reached < lines.length) {
      const message = `Only the first ${reached} of ${lines.length} steps of the finding's path can be followed in this scenario.`;
      this.#tell({ type: 'problem', message });
    }
    return reached > 0;
  }

  /** The line of the code that is run which a line of a document shows; null for none. */
  async #codeLine(uri: string, line: number): Promise<{ file: string; line: number } | null> {
    const [source] = this.subject.inputs.sources;
    if (uri === this.document) {
      return source === undefined ? this.fromInput(line) : { file: source.path, line };
    }
    const { tree } = this.subject;
    if (tree === null || !uri.startsWith('file:')) return null;
    const inside = path.relative(tree, fileURLToPath(uri));
    return inside.startsWith('..') ? null : this.fromTree(inside.replaceAll('\\', '/'), line);
  }

  #step(ask: () => Promise<MovesAnswer>): Promise<void> {
    return this.#inTurn(async () => {
      if (this.main === null) return;
      const answer = await ask();
      this.#take(0, answer);
      if (answer.moves.length > 0 || answer.from === 0) this.#position = this.main.moves.length;
      if (this.#comparison === 'image') await this.#load(1, this.main.schedule);
      this.#tellPosition();
      this.#keep();
    });
  }

  async #load(side: 0 | 1, schedule: string): Promise<void> {
    this.#take(side, await this.#thread.ask('load', { id: this.#ids[side], schedule }));
  }

  #take(side: 0 | 1, answer: MovesAnswer): void {
    const state = this.#sides[side];
    if (state === null) return;
    state.moves = [...state.moves.slice(0, answer.from), ...answer.moves];
    state.states.length = answer.from + 1;
    for (const move of answer.moves) state.states.push({ ...state.states.at(-1)!, ...move.after } as State);
    state.schedule = answer.schedule;
    state.violation = answer.violation;
    state.problem = answer.problem;
    state.assumed = answer.assumed;
    if (Object.keys(answer.contracts).length > 0) {
      Object.assign(this.#contracts, answer.contracts);
      this.#tell({ type: 'contracts', contracts: answer.contracts });
    }
    for (const message of this.#moveMessages(side, answer.from)) this.#tell(message);
  }

  // --- Comparing -----------------------------------------------------------------------------------------------

  /** Puts another simulation beside this one, or ends that. @param schedule for the other one, where that is compared. */
  compare(with_: Comparison | null, schedule: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#end(1);
      this.#comparison = with_;
      if (this.main === null || with_ === null) return this.#keep();
      if (with_ === 'image') await this.#compareImages();
      else if ((await this.#openSide(1, this.#choice)) !== null) await this.#load(1, schedule);
      this.#tellPosition();
      this.#keep();
    });
  }

  async #compareImages(): Promise<void> {
    this.#comparison = 'image';
    const image = this.#choice.image === 'after' ? 'before' : 'after';
    if ((await this.#openSide(1, { ...this.#choice, image })) !== null)
      await this.#load(1, this.main?.schedule ?? 'v1:');
  }

  #end(side: 1): void {
    if (this.#sides[side] === null) return;
    this.#sides[side] = null;
    void this.#thread.ask('close', { id: this.#ids[side] });
    this.#tell({ type: 'setup', side, setup: null });
  }

  // --- Exploring -----------------------------------------------------------------------------------------------

  /** Tries every interleaving while all else goes on; what is found is loaded. Resolves when it has ended. */
  async explore(): Promise<void> {
    if (this.main === null || this.#exploration !== null) return;
    const controller = new AbortController();
    this.#exploration = controller;
    const began = performance.now();
    const progress = (what: string) =>
      this.#tell({
        type: 'exploring',
        what: what === '' ? 'trying every interleaving' : what,
        milliseconds: performance.now() - began,
      });
    progress('');
    try {
      const verdict = await this.#explorer.ask(
        'explore',
        { subject: this.subject, choice: this.#choice },
        { progress, signal: controller.signal },
      );
      if (this.#exploration !== controller) return;
      this.#verdict = verdict;
      this.#tell({ type: 'verdict', verdict });
      if (verdict.schedule !== null) await this.load(verdict.schedule);
    } catch (error) {
      this.#tell({ type: 'problem', message: messageOf(error) });
    } finally {
      if (this.#exploration === controller) this.#exploration = null;
      this.#tell({ type: 'exploring', what: null, milliseconds: performance.now() - began });
    }
  }

  /** Ends an exploration; its verdict is then that it was not finished. */
  cancel(): void {
    this.#exploration?.abort();
  }

  // --- Code ----------------------------------------------------------------------------------------------------

  async tellSource(side: 0 | 1, file: string, name: string): Promise<void> {
    if (this.#sides[side] === null) return;
    const source = await this.#thread.ask('source', { id: this.#ids[side], file, function: name });
    if (source !== null) this.#tell({ type: 'source', side, source });
  }

  /** Where a line of the code that is run is shown. */
  locate(side: 0 | 1, file: string, line: number): Promise<LinePlace> {
    return this.#thread.ask('locate', { id: this.#ids[side], file, line });
  }

  fromInput(line: number): Promise<{ file: string; line: number } | null> {
    return this.#thread.ask('fromInput', { id: this.#ids[0], line });
  }

  fromTree(file: string, line: number): Promise<{ file: string; line: number } | null> {
    return this.#thread.ask('fromTree', { id: this.#ids[0], file, line });
  }

  frames(task: number): Promise<readonly Frame[]> {
    return this.#thread.ask('frames', { id: this.#ids[0], position: this.#position, task });
  }

  dispose(): void {
    this.cancel();
    this.#listeners.clear();
    for (const id of this.#ids) this.#thread.ask('close', { id }).catch(() => {});
  }

  // --- Telling -------------------------------------------------------------------------------------------------

  /** One thing after the other; a failure is told, and the next thing goes on. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(async () => {
      try {
        await work();
      } catch (error) {
        this.#tell({ type: 'problem', message: messageOf(error) });
      } finally {
        this.#busy(null);
      }
    });
    this.#queue = done;
    return done;
  }

  #busy(what: string | null): void {
    this.#work = what;
    this.#tell({ type: 'busy', what });
  }

  #tellPosition(): void {
    this.#tell({ type: 'position', position: this.#position });
  }

  #keep(): void {
    const { choice, schedule, position, second } = this.file();
    this.#tell({ type: 'keepOn', choice, schedule, position, second });
  }

  #tell(message: Told): void {
    for (const listener of [...this.#listeners]) listener(message);
  }

  #sideMessages(side: 0 | 1): Told[] {
    const state = this.#sides[side];
    if (state === null) return [{ type: 'setup', side, setup: null }];
    return [{ type: 'setup', side, setup: state.setup }, ...this.#moveMessages(side, 0)];
  }

  #moveMessages(side: 0 | 1, from: number): Told[] {
    const state = this.#sides[side];
    if (state === null) return [];
    const total = state.moves.length;
    const told: Told[] = [];
    let part: MoveData[] = [];
    let size = 0;
    let start = from;
    const flush = () => {
      told.push({ type: 'moves', side, from: start, moves: part, total });
      start += part.length;
      part = [];
      size = 0;
    };
    for (const move of state.moves.slice(from)) {
      size += JSON.stringify(move).length;
      part.push(move);
      if (size > MOST_CHARACTERS || part.length === 1000) flush();
    }
    if (part.length > 0 || told.length === 0) flush();
    const { schedule, violation, problem, assumed } = state;
    told.push({ type: 'end', side, schedule, violation, problem, assumed });
    return told;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
