/** What the panel knows, and how messages and the user change it. */
import type {
  Catalogue,
  Choice,
  FindingPath,
  HostMessage,
  PanelMessage,
  SessionFile,
  SourceData,
  Unversioned,
  VerdictData,
  ViolationData,
} from './messages.ts';
import { VERSION } from './messages.ts';
import { Timeline } from './timeline.ts';

/** One of the two simulations that can be on show. */
export interface SideView {
  readonly timeline: Timeline;
  readonly schedule: string;
  readonly violation: ViolationData | null;
  readonly problem: string | null;
  readonly assumed: readonly string[];
}

/** How the user has arranged the panel; kept over a reload. */
export interface ViewOptions {
  readonly onlyLocks: boolean;
  /** How wide the diagram's steps are, as a factor of what fits. */
  readonly zoom: number;
  /** Source before and after the patch side by side. */
  readonly bothImages: boolean;
  /** Steps a second while playing. */
  readonly speed: number;
  /** The task that moves when nothing else is said. */
  readonly task: number;
}

export interface PanelState {
  readonly catalogue: Catalogue | null;
  readonly finding: FindingPath | null;
  readonly sides: readonly [SideView | null, SideView | null];
  readonly position: number;
  readonly busy: string | null;
  readonly exploring: { readonly what: string; readonly milliseconds: number } | null;
  readonly verdict: VerdictData | null;
  readonly problem: string | null;
  readonly isDebugged: boolean;
  readonly isPlaying: boolean;
  readonly contracts: Readonly<Record<string, string>>;
  readonly sources: ReadonlyMap<string, SourceData>;
  readonly view: ViewOptions;
}

/** What the panel keeps of itself for a reload. */
export interface KeptState {
  readonly session: SessionFile;
  readonly view: ViewOptions;
}

export interface Connection {
  post(message: PanelMessage): void;
  keep(state: KeptState): void;
}

export const FIRST_VIEW: ViewOptions = { onlyLocks: false, zoom: 1, bothImages: false, speed: 2, task: 0 };

const FIRST: PanelState = {
  catalogue: null,
  finding: null,
  sides: [null, null],
  position: 0,
  busy: 'opening',
  exploring: null,
  verdict: null,
  problem: null,
  isDebugged: false,
  isPlaying: false,
  contracts: {},
  sources: new Map(),
  view: FIRST_VIEW,
};

/** Milliseconds between two savings of the state. */
const SAVING = 250;

export const sourceKey = (side: number, file: string, name: string): string => `${side} ${file} ${name}`;

export class Store {
  state: PanelState = FIRST;
  readonly #connection: Connection;
  readonly #listeners = new Set<() => void>();
  readonly #asked = new Set<string>();
  #session: SessionFile | null = null;
  #saving: ReturnType<typeof setTimeout> | undefined;
  #playing: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: Connection, view: Partial<ViewOptions> = {}) {
    this.#connection = connection;
    this.state = { ...FIRST, view: { ...FIRST_VIEW, ...view } };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(change: Partial<PanelState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }

  post(message: Unversioned<PanelMessage>): void {
    this.#connection.post({ version: VERSION, ...message } as PanelMessage);
  }

  // --- From the editor -----------------------------------------------------------------------------------------

  receive(message: HostMessage): void {
    if (message.type === 'setup' && message.side === 0) this.pause();
    if (message.type === 'keep') this.#session = message.session;
    else if (message.type === 'keepOn') this.#keepOn(message);
    else this.#set(this.#changeBy(message));
    if (['keep', 'keepOn', 'position'].includes(message.type)) this.#save();
  }

  #keepOn({ choice, schedule, position, second }: Extract<HostMessage, { readonly type: 'keepOn' }>): void {
    if (this.#session !== null) this.#session = { ...this.#session, choice, schedule, position, second };
  }

  #changeBy(message: Exclude<HostMessage, { readonly type: 'keep' | 'keepOn' }>): Partial<PanelState> {
    switch (message.type) {
      case 'catalogue':
        return { catalogue: message.catalogue, finding: message.finding };
      case 'setup': {
        const { setup, side } = message;
        for (const key of this.#asked) if (key.startsWith(`${side} `)) this.#asked.delete(key);
        const sources = new Map([...this.state.sources].filter(([key]) => !key.startsWith(`${side} `)));
        const view: SideView | null =
          setup === null
            ? null
            : { timeline: new Timeline(setup), schedule: 'v1:', violation: null, problem: null, assumed: [] };
        return {
          ...this.#withSide(side, view),
          sources,
          ...(side === 0 ? { verdict: null, problem: null } : {}),
        };
      }
      case 'moves': {
        const side = this.state.sides[message.side];
        if (side === null) return {};
        side.timeline.put(message.from, message.moves);
        return this.#withSide(message.side, { ...side });
      }
      case 'end': {
        const { side, schedule, violation, problem, assumed } = message;
        const view = this.state.sides[side];
        return view === null ? {} : this.#withSide(side, { ...view, schedule, violation, problem, assumed });
      }
      case 'position':
        return { position: message.position };
      case 'busy':
        return { busy: message.what };
      case 'exploring': {
        const { what, milliseconds } = message;
        return { exploring: what === null ? null : { what, milliseconds } };
      }
      case 'verdict':
        return { verdict: message.verdict };
      case 'source': {
        const { file, function: name } = message.source;
        return {
          sources: new Map([...this.state.sources, [sourceKey(message.side, file, name), message.source]]),
        };
      }
      case 'contracts':
        return { contracts: { ...this.state.contracts, ...message.contracts } };
      case 'problem':
        return { problem: message.message };
      case 'debugging':
        return { isDebugged: message.isOn };
    }
  }

  #withSide(side: 0 | 1, view: SideView | null): Pick<PanelState, 'sides'> {
    return { sides: side === 0 ? [view, this.state.sides[1]] : [this.state.sides[0], view] };
  }

  /** Soon, and not with each step of many: the state holds the patch. */
  #save(): void {
    if (this.#session === null || this.#saving !== undefined) return;
    this.#saving = setTimeout(() => this.saveNow(), SAVING);
  }

  saveNow(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (this.#session === null) return;
    const { position, view } = this.state;
    this.#connection.keep({ session: { ...this.#session, position }, view });
  }

  // --- From the user -------------------------------------------------------------------------------------------

  /** The last position of the longer of the two simulations. */
  get end(): number {
    return Math.max(...this.state.sides.map((side) => side?.timeline.length ?? 0));
  }

  seek(position: number): void {
    const to = Math.max(0, Math.min(position, this.end));
    if (to === this.state.position) return;
    this.#set({ position: to });
    this.post({ type: 'seek', position: to });
    this.#save();
  }

  /** One step ahead: the one that was made there, else a move of the chosen task. */
  forward(): void {
    if (this.state.position < this.end) this.seek(this.state.position + 1);
    else this.move(this.movingTask());
  }

  back(): void {
    this.seek(this.state.position - 1);
  }

  canMove(task: number): boolean {
    const [main] = this.state.sides;
    if (main === null) return false;
    const isOver = main.violation !== null && this.state.position >= main.timeline.length;
    return !isOver && main.timeline.stateAt(this.state.position).tasks[task]?.state === 'ready';
  }

  /** The chosen task where it can move, else one that can. */
  movingTask(): number {
    const { task } = this.state.view;
    if (this.canMove(task)) return task;
    const all = this.state.sides[0]?.timeline.setup.tasks ?? [];
    return Math.max(
      0,
      all.findIndex((_, i) => this.canMove(i)),
    );
  }

  move(task: number, choices: readonly number[] = []): void {
    this.moveAt(this.state.position, task, choices);
  }

  /** A move in place of the one that was made there; what lay ahead of it is replaced. */
  moveAt(position: number, task: number, choices: readonly number[]): void {
    this.setView({ task });
    this.post({ type: 'move', position, task, choices });
  }

  /** Ahead to the next lock operation: along the steps that were made, else of the chosen task. */
  toLock(direction: 1 | -1): void {
    const { position, sides } = this.state;
    const found = sides[0]?.timeline.lockOperation(position, direction) ?? null;
    if (found !== null) this.seek(found);
    else if (direction === 1) this.post({ type: 'runToLock', position, task: this.movingTask() });
    else this.seek(0);
  }

  toLine(task: number, file: string, line: number): void {
    this.post({ type: 'runToLine', position: this.state.position, task, file, line });
  }

  choose(change: Partial<Choice>): void {
    const choice = this.state.sides[0]?.timeline.setup.choice ?? this.#session?.choice;
    if (choice !== undefined) this.post({ type: 'choose', choice: { ...choice, ...change } });
  }

  setView(change: Partial<ViewOptions>): void {
    this.#set({ view: { ...this.state.view, ...change } });
    this.#save();
  }

  /** Makes the diagram's steps wider or narrower. */
  zoom(factor: number): void {
    this.setView({ zoom: Math.min(8, Math.max(0.1, this.state.view.zoom * factor)) });
  }

  dismissProblem(): void {
    this.#set({ problem: null });
  }

  play(): void {
    if (this.state.isPlaying) {
      this.pause();
      return;
    }
    if (this.state.position >= this.end) this.seek(0);
    this.#set({ isPlaying: true });
    const tick = () => {
      this.forward();
      if (this.state.position >= this.end) this.pause();
      else this.#playing = setTimeout(tick, 1000 / this.state.view.speed);
    };
    this.#playing = setTimeout(tick, 1000 / this.state.view.speed);
  }

  pause(): void {
    clearTimeout(this.#playing);
    if (this.state.isPlaying) this.#set({ isPlaying: false });
  }

  /** Asks for the text of a function, once. */
  wantSource(side: 0 | 1, file: string, name: string): void {
    const key = sourceKey(side, file, name);
    if (file === '' || this.#asked.has(key)) return;
    this.#asked.add(key);
    this.post({ type: 'source', side, file, function: name });
  }

  open(side: 0 | 1, file: string, line: number): void {
    if (line > 0 && file !== '') this.post({ type: 'open', side, file, line });
  }

  get session(): SessionFile | null {
    return this.#session === null ? null : { ...this.#session, position: this.state.position };
  }
}
