/** A simulation behind the Debug Adapter Protocol, as any editor would speak to it. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { describe, expect, it } from 'vitest';
import { type DebugSurroundings, SimulationDebugSession } from '../../extension/simulation/debug-session.ts';
import type { Simulation } from '../../extension/simulation/simulation.ts';
import { sampleSimulation } from '../panel/sample-simulation.ts';

/** Ends in NULL being followed in `area_get_wait()`, line 31 of `mm/area_lock.c`. */
const SCHEDULE = 'v1:3.2,0.3,3.3,0.1';
const INITIALIZE = { adapterID: 'lock-review', pathFormat: 'path' };
const FILE = '/linux/mm/area_lock.c';

/** A debugger: asks, and hears the stops in their order. */
class Debugger {
  readonly #session: SimulationDebugSession;
  readonly #answers = new Map<number, (answer: DebugProtocol.Response) => void>();
  readonly #events: DebugProtocol.Event[] = [];
  #heard: () => void = () => {};
  #last = 0;

  constructor(surroundings: DebugSurroundings) {
    this.#session = new SimulationDebugSession(surroundings);
    this.#session.onDidSendMessage((sent) => {
      const message = sent as DebugProtocol.ProtocolMessage;
      if (message.type === 'response') {
        const answer = message as DebugProtocol.Response;
        this.#answers.get(answer.request_seq)?.(answer);
      } else this.#events.push(message as DebugProtocol.Event);
      this.#heard();
    });
  }

  /** @returns the whole answer, a refusal too. */
  request(command: string, args: object = {}): Promise<DebugProtocol.Response> {
    const seq = ++this.#last;
    const answer = new Promise<DebugProtocol.Response>((resolve) => this.#answers.set(seq, resolve));
    this.#session.handleMessage({ seq, type: 'request', command, arguments: args } as DebugProtocol.Request);
    return answer;
  }

  /** The body of an answer that is no refusal. */
  async ask(command: string, args: object = {}) {
    const { success, body, message } = await this.request(command, args);
    expect(success, message).toBe(true);
    return body;
  }

  async event(name: string): Promise<DebugProtocol.Event> {
    for (;;) {
      const at = this.#events.findIndex((event) => event.event === name);
      if (at >= 0) return this.#events.splice(at, 1)[0]!;
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  /** The next stop: why, and of which thread. */
  async stop(): Promise<string> {
    const { body } = await this.event('stopped');
    return `${body.reason} ${body.threadId}`;
  }
}

async function started(): Promise<{ debug: Debugger; simulation: Simulation }> {
  const simulation = await sampleSimulation();
  await simulation.load(SCHEDULE);
  simulation.seek(0);
  const debug = new Debugger({
    open: async () => simulation,
    sourceOf: async (_, file, line) => (file.startsWith('<') ? null : { path: `/linux/${file}`, line }),
    codeOf: async (_, document, line) =>
      document.startsWith('/linux/') ? { file: document.slice('/linux/'.length), line } : null,
  });
  await debug.ask('initialize', INITIALIZE);
  await debug.ask('launch');
  await debug.event('initialized');
  await debug.ask('configurationDone');
  expect(await debug.stop()).toBe('entry 4');
  return { debug, simulation };
}

describe('a debug session', () => {
  it('says what it can: back, and stopping at violations', async () => {
    const debug = new Debugger({
      open: () => Promise.reject(new Error('there is no such function')),
      sourceOf: async () => null,
      codeOf: async () => null,
    });
    expect(await debug.ask('initialize', INITIALIZE)).toMatchObject({
      supportsStepBack: true,
      supportsExceptionInfoRequest: true,
      exceptionBreakpointFilters: [{ filter: 'violations', default: true }],
    });
    const refused = await debug.request('launch');
    expect([refused.success, refused.message]).toEqual([false, 'there is no such function']);
  });

  it('goes to the violation, and shows the tasks, their stacks, variables and locks there', async () => {
    const { debug, simulation } = await started();
    await debug.ask('continue', { threadId: 4 });
    expect(await debug.stop()).toBe('exception 1');
    expect(simulation.position).toBe(simulation.main!.moves.length);
    expect(await debug.ask('exceptionInfo', { threadId: 1 })).toMatchObject({
      description: expect.stringContaining('NULL is followed'),
    });
    const { threads } = await debug.ask('threads');
    expect(threads.map((one: DebugProtocol.Thread) => one.name)).toEqual([
      'first',
      'second',
      'third',
      'writer (ended)',
    ]);
    const { stackFrames } = await debug.ask('stackTrace', { threadId: 1 });
    expect(stackFrames.slice(0, 2)).toMatchObject([
      { name: 'area_get_wait', line: 31, source: { path: FILE } },
      { name: 'pinboard_add' },
    ]);
    const frameId = stackFrames[0].id;
    const { scopes } = await debug.ask('scopes', { frameId });
    const inside = async (name: string) => {
      const { variablesReference } = scopes.find((one: DebugProtocol.Scope) => one.name === name);
      const { variables } = await debug.ask('variables', { variablesReference });
      return variables.map((one: DebugProtocol.Variable) => `${one.name} = ${one.value}`);
    };
    expect(await inside('Locals')).toContain('vma = 0');
    expect((await inside('Locks'))[0]).toBe('mm.mmap_lock = R first');
    expect(await debug.ask('evaluate', { expression: 'vma', frameId })).toMatchObject({ result: '0' });
    expect((await debug.request('evaluate', { expression: 'nothing', frameId })).success).toBe(false);
  });

  it('goes back step by step, and all the way', async () => {
    const { debug, simulation } = await started();
    await debug.ask('continue', { threadId: 4 });
    await debug.stop();
    await debug.ask('stepBack', { threadId: 1 });
    expect(await debug.stop()).toMatch(/^step /);
    expect(simulation.position).toBe(simulation.main!.moves.length - 1);
    await debug.ask('reverseContinue', { threadId: 1 });
    expect(await debug.stop()).toMatch(/^entry /);
    expect(simulation.position).toBe(0);
  });

  it('stops at breakpoints forwards and backwards, and says which lines are none of it', async () => {
    const { debug, simulation } = await started();
    const set = (path: string, ...lines: number[]) =>
      debug.ask('setBreakpoints', { source: { path }, breakpoints: lines.map((line) => ({ line })) });
    expect((await set(FILE, 25)).breakpoints).toMatchObject([{ verified: true, line: 25 }]);
    expect((await set('/home/notes.txt', 3)).breakpoints).toMatchObject([
      { verified: false, message: expect.stringContaining('not part') },
    ]);
    await debug.ask('continue', { threadId: 4 });
    expect(await debug.stop()).toBe('breakpoint 1');
    const there = simulation.position;
    expect(simulation.places()[0]).toMatchObject({ file: 'mm/area_lock.c', line: 25 });
    await debug.ask('setExceptionBreakpoints', { filters: [] });
    await debug.ask('continue', { threadId: 1 });
    expect(await debug.stop()).toBe('pause 1');
    expect(simulation.position).toBe(simulation.main!.moves.length);
    await debug.ask('reverseContinue', { threadId: 1 });
    expect(await debug.stop()).toBe('breakpoint 1');
    expect(simulation.position).toBe(there);
  });

  it('steps one task: a line, into a call, and out of it', async () => {
    const { debug, simulation } = await started();
    const depth = async () => (await debug.ask('stackTrace', { threadId: 1 })).totalFrames;
    const outer = await depth();
    for (let i = 0; i < 20 && (await depth()) <= outer; i++) {
      await debug.ask('stepIn', { threadId: 1 });
      expect(await debug.stop()).toBe('step 1');
    }
    const inner = await depth();
    expect(inner).toBeGreaterThan(outer);
    const line = simulation.places()[0]!.line;
    await debug.ask('next', { threadId: 1 });
    expect(await debug.stop()).toBe('step 1');
    expect(simulation.places()[0]!.line).not.toBe(line);
    await debug.ask('stepOut', { threadId: 1 });
    expect(await debug.stop()).toMatch(/ 1$/);
    expect(await depth()).toBeLessThan(inner);
    // No other task has moved.
    expect(new Set(simulation.main!.moves.map((move) => move.task))).toEqual(new Set([0]));
  });

  it('follows the panel, which is told that it is debugged until that ends', async () => {
    const { debug, simulation } = await started();
    expect(simulation.isDebugged).toBe(true);
    simulation.seek(3);
    expect(await debug.stop()).toBe('step 1');
    await simulation.load(SCHEDULE);
    expect(await debug.stop()).toBe('exception 1');
    await debug.ask('disconnect');
    expect(simulation.isDebugged).toBe(false);
  });
});
