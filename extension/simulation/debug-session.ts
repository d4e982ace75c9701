/**
 * A simulation behind the Debug Adapter Protocol: tasks are threads, moves are steps. What it does is seen in the
 * panel, and what is done there is told to the debugger.
 */
import {
  DebugSession,
  InitializedEvent,
  Scope,
  Source,
  StackFrame,
  StoppedEvent,
  TerminatedEvent,
  Thread,
} from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Frame, Variable } from '../../engine/simulate/index.ts';
import { Breakpoints, type CodeLine } from './breakpoints.ts';
import type { Simulation } from './simulation.ts';

/** What the session must know of the editor. */
export interface DebugSurroundings {
  /** The simulation that a launch configuration names. Rejects with an Error for a person. */
  open(launch: LaunchArguments): Promise<Simulation>;
  /** Where a file of the code that is run can be read: a path, or a URI. Null for what is nowhere. */
  sourceOf(
    simulation: Simulation,
    file: string,
    line: number,
  ): Promise<{ path: string; line: number } | null>;
  /** The line of the code that is run which is shown in a document (a path or a URI) at a line; else null. */
  codeOf(simulation: Simulation, document: string, line: number): Promise<CodeLine | null>;
}

export interface LaunchArguments {
  /** The patch, mail, C file or session file; the active editor's where absent. */
  readonly program?: string;
  readonly function?: string;
  readonly scenario?: string;
  readonly schedule?: string;
  /** The id of a simulation that is open already. */
  readonly simulation?: number;
}

/** Moves that 'continue' makes at most. */
const MOST_MOVES = 10_000;
const VIOLATIONS = 'violations';

type StopReason = 'entry' | 'step' | 'breakpoint' | 'exception' | 'pause';

export class SimulationDebugSession extends DebugSession {
  readonly #surroundings: DebugSurroundings;
  readonly #breakpoints = new Breakpoints();
  #simulation: Simulation | null = null;
  #listening: { dispose(): void } | null = null;
  #stopsAtViolations = true;
  #wantsPause = false;
  /** While a request of the debugger moves the simulation, its positions are not news. */
  #isMoving = false;
  #seen = -1;
  /** Stack frames and variables that were handed out since the last stop. */
  #frames: { task: number; frame: Frame }[] = [];
  #variables: (readonly Variable[])[] = [];

  constructor(surroundings: DebugSurroundings) {
    super();
    this.#surroundings = surroundings;
    this.setDebuggerLinesStartAt1(true);
    this.setDebuggerColumnsStartAt1(true);
  }

  protected override initializeRequest(response: DebugProtocol.InitializeResponse): void {
    response.body = {
      supportsConfigurationDoneRequest: true,
      supportsStepBack: true,
      supportsExceptionInfoRequest: true,
      supportsEvaluateForHovers: true,
      supportsSingleThreadExecutionRequests: false,
      exceptionBreakpointFilters: [
        {
          filter: VIOLATIONS,
          label: 'Violations',
          default: true,
          description: 'Stop where the simulation goes wrong',
        },
      ],
    };
    this.sendResponse(response);
  }

  protected override async launchRequest(
    response: DebugProtocol.LaunchResponse,
    args: DebugProtocol.LaunchRequestArguments & LaunchArguments,
  ): Promise<void> {
    try {
      const simulation = await this.#surroundings.open(args);
      this.#simulation = simulation;
      simulation.isDebugged = true;
      this.#seen = simulation.position;
      this.#listening = simulation.listen((message) => {
        if (message.type === 'position') this.#moved();
        if (message.type === 'setup' && message.side === 0 && message.setup === null) this.#end();
      });
      this.sendResponse(response);
      this.sendEvent(new InitializedEvent());
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.sendErrorResponse(response, { id: 1, format: message, showUser: true });
    }
  }

  protected override async configurationDoneRequest(
    response: DebugProtocol.ConfigurationDoneResponse,
  ): Promise<void> {
    this.sendResponse(response);
    this.#stop('entry', this.#nextTask());
  }

  protected override async setBreakPointsRequest(
    response: DebugProtocol.SetBreakpointsResponse,
    { source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments,
  ): Promise<void> {
    const document = source.path ?? '';
    const lines: CodeLine[] = [];
    const answers: DebugProtocol.Breakpoint[] = [];
    for (const { line } of breakpoints) {
      const code =
        this.#simulation === null ? null : await this.#surroundings.codeOf(this.#simulation, document, line);
      if (code !== null) lines.push(code);
      answers.push(
        code === null
          ? { verified: false, line, message: 'This line is not part of what is simulated.' }
          : { verified: true, line },
      );
    }
    this.#breakpoints.set(document, lines);
    response.body = { breakpoints: answers };
    this.sendResponse(response);
  }

  protected override setExceptionBreakPointsRequest(
    response: DebugProtocol.SetExceptionBreakpointsResponse,
    { filters }: DebugProtocol.SetExceptionBreakpointsArguments,
  ): void {
    this.#stopsAtViolations = filters.includes(VIOLATIONS);
    this.sendResponse(response);
  }

  // --- Looking -------------------------------------------------------------------------------------------------

  protected override threadsRequest(response: DebugProtocol.ThreadsResponse): void {
    const tasks = this.#simulation?.main?.setup.tasks ?? [];
    const states = this.#simulation?.state()?.tasks ?? [];
    response.body = {
      threads: tasks.map((name, i) => {
        const state = states[i]?.state ?? 'ready';
        return new Thread(i + 1, state === 'ready' ? name : `${name} (${state})`);
      }),
    };
    this.sendResponse(response);
  }

  protected override async stackTraceRequest(
    response: DebugProtocol.StackTraceResponse,
    { threadId, startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments,
  ): Promise<void> {
    const simulation = this.#simulation;
    const frames = simulation === null ? [] : await simulation.frames(threadId - 1);
    const shown = levels > 0 ? frames.slice(startFrame, startFrame + levels) : frames.slice(startFrame);
    const stackFrames: DebugProtocol.StackFrame[] = [];
    for (const frame of shown) {
      this.#frames.push({ task: threadId - 1, frame });
      const { file, line, function: name } = frame.place;
      const at = await this.#surroundings.sourceOf(simulation!, file, line);
      stackFrames.push(
        new StackFrame(
          this.#frames.length,
          name,
          ...(at === null ? [] : [new Source(file.slice(file.lastIndexOf('/') + 1), at.path)]),
          at?.line ?? line,
          1,
        ),
      );
    }
    response.body = { stackFrames, totalFrames: frames.length };
    this.sendResponse(response);
  }

  protected override scopesRequest(
    response: DebugProtocol.ScopesResponse,
    { frameId }: DebugProtocol.ScopesArguments,
  ): void {
    const found = this.#frames[frameId - 1];
    response.body = {
      scopes:
        found === undefined
          ? []
          : [
              new Scope('Locals', this.#keep(found.frame.variables), false),
              new Scope('Locks', this.#keep(this.#locks(found.task)), false),
            ],
    };
    this.sendResponse(response);
  }

  protected override variablesRequest(
    response: DebugProtocol.VariablesResponse,
    { variablesReference }: DebugProtocol.VariablesArguments,
  ): void {
    const variables = this.#variables[variablesReference - 1] ?? [];
    response.body = {
      variables: variables.map(({ name, value, fields }) => ({
        name,
        value,
        variablesReference: fields.length > 0 ? this.#keep(fields) : 0,
      })),
    };
    this.sendResponse(response);
  }

  /** A name, or a path of fields, in the frame that is looked at. */
  protected override evaluateRequest(
    response: DebugProtocol.EvaluateResponse,
    { expression, frameId }: DebugProtocol.EvaluateArguments,
  ): void {
    const found = frameId === undefined ? undefined : this.#frames[frameId - 1];
    const [name = '', ...path] = expression.trim().split(/\.|->/);
    let variable = found?.frame.variables.find((one) => one.name === name);
    if (path.length > 0) variable = variable?.fields.find((one) => one.name === path.join('.'));
    if (variable === undefined) {
      this.sendErrorResponse(response, { id: 2, format: `${expression} has no value here` });
      return;
    }
    const { value, fields } = variable;
    response.body = { result: value, variablesReference: fields.length > 0 ? this.#keep(fields) : 0 };
    this.sendResponse(response);
  }

  protected override exceptionInfoRequest(response: DebugProtocol.ExceptionInfoResponse): void {
    const violation = this.#simulation?.main?.violation ?? null;
    response.body = {
      exceptionId: violation?.kind ?? 'violation',
      description: [violation?.message ?? '', ...(violation?.cycle ?? [])].join('\n'),
      breakMode: 'always',
    };
    this.sendResponse(response);
  }

  /** What a task holds first, then every lock with its holders, the VMAs and the sections that it is in. */
  #locks(task: number): Variable[] {
    const state = this.#simulation?.state() ?? null;
    const names = this.#simulation?.main?.setup.tasks ?? [];
    if (state === null) return [];
    const name = (one: number) => names[one] ?? `task ${one}`;
    const variables = state.locks.map(({ name: lock, writer, readers, queue }) => {
      const holders = [
        ...(writer === null ? [] : [`W ${name(writer)}`]),
        ...readers.map((reader) => `R ${name(reader)}`),
      ];
      const waiting = queue.map((one) => `${one.mode} ${name(one.task)}`);
      const value = `${holders.join(', ') || 'free'}${waiting.length > 0 ? `; waiting: ${waiting.join(', ')}` : ''}`;
      return { name: lock, value, fields: [], isOwn: writer === task || readers.includes(task) };
    });
    const vmas = state.vmas.map((vma) => ({
      name: vma.name,
      value: [
        ...(vma.isFreed ? ['freed'] : vma.isDetached ? ['detached'] : []),
        ...(vma.isWriteLocked ? ['write-locked'] : []),
        ...vma.readers.map((reader) => `R ${name(reader)}`),
        `vm_refcnt ${vma.refcnt}`,
      ].join(', '),
      fields: [],
      isOwn: vma.readers.includes(task),
    }));
    const own = state.tasks[task];
    return [
      ...[...variables, ...vmas].sort((a, b) => Number(b.isOwn) - Number(a.isOwn)),
      { name: 'RCU read sections', value: String(own?.rcu ?? 0), fields: [] },
      { name: 'atomic sections', value: String(own?.atomic ?? 0), fields: [] },
    ].map(({ name: lock, value }) => ({ name: lock, value, fields: [] }));
  }

  #keep(variables: readonly Variable[]): number {
    this.#variables.push(variables);
    return this.#variables.length;
  }

  // --- Moving --------------------------------------------------------------------------------------------------

  protected override async continueRequest(
    response: DebugProtocol.ContinueResponse,
    { threadId }: DebugProtocol.ContinueArguments,
  ): Promise<void> {
    response.body = { allThreadsContinued: true };
    this.sendResponse(response);
    await this.#move(threadId - 1, 'along', () => false);
  }

  protected override async nextRequest(
    response: DebugProtocol.NextResponse,
    { threadId }: DebugProtocol.NextArguments,
  ): Promise<void> {
    this.sendResponse(response);
    const task = threadId - 1;
    const depth = this.#depth(task);
    const at = this.#placeOf(task);
    await this.#move(task, 'task', () => this.#depth(task) <= depth && this.#hasLeft(task, at));
  }

  protected override async stepInRequest(
    response: DebugProtocol.StepInResponse,
    { threadId }: DebugProtocol.StepInArguments,
  ): Promise<void> {
    this.sendResponse(response);
    await this.#move(threadId - 1, 'task', () => true);
  }

  protected override async stepOutRequest(
    response: DebugProtocol.StepOutResponse,
    { threadId }: DebugProtocol.StepOutArguments,
  ): Promise<void> {
    this.sendResponse(response);
    const task = threadId - 1;
    const depth = this.#depth(task);
    await this.#move(task, 'task', () => this.#depth(task) < depth);
  }

  protected override async stepBackRequest(response: DebugProtocol.StepBackResponse): Promise<void> {
    this.sendResponse(response);
    const simulation = this.#simulation;
    if (simulation === null) return;
    this.#seek(simulation.position - 1);
    this.#stop('step', this.#nextTask());
  }

  protected override async reverseContinueRequest(
    response: DebugProtocol.ReverseContinueResponse,
  ): Promise<void> {
    response.body = {};
    this.sendResponse(response);
    const simulation = this.#simulation;
    if (simulation === null) return;
    let position = simulation.position;
    while (position > 0) {
      position--;
      const moves = simulation.main?.moves ?? [];
      const move = moves[position];
      // Before a move whose line has a breakpoint, as going forward stops in front of it.
      if (move !== undefined && this.#breakpoints.has(move.place)) break;
    }
    this.#seek(position);
    this.#stop(position > 0 ? 'breakpoint' : 'entry', this.#nextTask());
  }

  protected override pauseRequest(response: DebugProtocol.PauseResponse): void {
    this.#wantsPause = true;
    this.sendResponse(response);
  }

  protected override disconnectRequest(response: DebugProtocol.DisconnectResponse): void {
    this.#listening?.dispose();
    if (this.#simulation !== null) this.#simulation.isDebugged = false;
    this.#simulation = null;
    this.sendResponse(response);
  }

  /**
   * Moves until `isThere`, a breakpoint, a violation or the end. `along`: whoever is next, along the moves that are
   * known and then the same task as long as it can move. `task`: this task only.
   */
  async #move(task: number, who: 'along' | 'task', isThere: () => boolean): Promise<void> {
    const simulation = this.#simulation;
    if (simulation === null) return;
    this.#wantsPause = false;
    this.#isMoving = true;
    let mover = task;
    let reason: StopReason = 'step';
    try {
      for (let i = 0; i < MOST_MOVES; i++) {
        const before = simulation.position;
        const ahead = simulation.main?.moves[before];
        if (ahead !== undefined && (who === 'along' || ahead.task === task)) {
          mover = ahead.task;
          simulation.seek(before + 1);
        } else {
          if (who === 'along' && !this.#canMove(mover)) mover = this.#nextTask();
          if (!this.#canMove(mover)) {
            reason = 'pause';
            break;
          }
          await simulation.move(before, mover);
        }
        if (simulation.position === before) break;
        if (this.#isAtViolation()) {
          reason = this.#stopsAtViolations ? 'exception' : 'pause';
          mover = Math.max(0, simulation.main?.violation?.task ?? mover);
          break;
        }
        const move = simulation.main!.moves[simulation.position - 1]!;
        if (this.#breakpoints.stops(move, this.#placeBefore(move.task))) {
          reason = 'breakpoint';
          break;
        }
        if (isThere()) break;
        if (this.#wantsPause) {
          reason = 'pause';
          break;
        }
      }
    } finally {
      this.#isMoving = false;
    }
    this.#stop(reason, mover);
  }

  #seek(position: number): void {
    this.#isMoving = true;
    this.#simulation?.seek(position);
    this.#isMoving = false;
  }

  #isAtViolation(): boolean {
    const simulation = this.#simulation;
    return simulation?.main?.violation != null && simulation.position >= simulation.main.moves.length;
  }

  #canMove(task: number): boolean {
    return !this.#isAtViolation() && this.#simulation?.state()?.tasks[task]?.state === 'ready';
  }

  /** Whose turn it is: along the moves that are known, else the last one's, else anyone's that can move. */
  #nextTask(): number {
    const simulation = this.#simulation;
    const moves = simulation?.main?.moves ?? [];
    const position = simulation?.position ?? 0;
    const known = moves[position]?.task ?? moves[position - 1]?.task ?? 0;
    if (moves[position] !== undefined || this.#canMove(known)) return known;
    const states = simulation?.state()?.tasks ?? [];
    return Math.max(
      0,
      states.findIndex((one) => one.state === 'ready'),
    );
  }

  #placeOf(task: number): CodeLine | null {
    return this.#simulation?.places()[task] ?? null;
  }

  /** Where a task was before the last move. */
  #placeBefore(task: number): CodeLine | null {
    const simulation = this.#simulation;
    const moves = simulation?.main?.moves.slice(0, Math.max(0, (simulation?.position ?? 0) - 1)) ?? [];
    return moves.findLast((move) => move.task === task)?.next ?? simulation?.main?.setup.starts[task] ?? null;
  }

  #hasLeft(task: number, from: CodeLine | null): boolean {
    const now = this.#placeOf(task);
    return now === null || from === null || now.file !== from.file || now.line !== from.line;
  }

  #depth(task: number): number {
    const simulation = this.#simulation;
    const moves = simulation?.main?.moves.slice(0, simulation.position) ?? [];
    return moves.findLast((move) => move.task === task)?.calls.length ?? 1;
  }

  // --- Telling -------------------------------------------------------------------------------------------------

  /** The panel, or whoever else, has moved the simulation. */
  #moved(): void {
    const simulation = this.#simulation;
    if (simulation === null || this.#isMoving || simulation.position === this.#seen) return;
    const last = simulation.main?.moves[simulation.position - 1];
    this.#stop(this.#isAtViolation() ? 'exception' : 'step', last?.task ?? 0);
  }

  #stop(reason: StopReason, task: number): void {
    this.#seen = this.#simulation?.position ?? -1;
    this.#frames = [];
    this.#variables = [];
    const event = new StoppedEvent(reason, task + 1) as DebugProtocol.StoppedEvent;
    event.body.allThreadsStopped = true;
    const violation = this.#simulation?.main?.violation;
    if (reason === 'exception' && violation != null) event.body.text = violation.message;
    this.sendEvent(event);
  }

  #end(): void {
    this.sendEvent(new TerminatedEvent());
  }
}
