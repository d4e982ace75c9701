import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import {
  closeAll,
  diagnosticsWhen,
  extensionApi,
  open,
  ruleOf,
  screenshot,
  until,
  workspaceFile,
} from './editor.ts';

const shared = process.env.LOCK_REVIEW_SHARED ?? '';

/** What goes wrong in the sample: a caller of the new function, against a writer. */
const SAMPLE = { function: 'pinboard_add', scenario: 'custom', explore: true };

export function declareSimulationTests(): void {
  describe('a simulation', function () {
    // The thread with the engine is started, and a kernel tree may have to be searched.
    this.timeout(120_000);
    afterEach(async () => {
      if (vscode.debug.activeDebugSession) await vscode.debug.stopDebugging();
      for (const { panel } of (await simulations()).all()) panel.panel.dispose();
      await closeAll();
    });

    it('goes from the command to the violation', async () => {
      await open(workspaceFile('series.mbox'));
      await vscode.commands.executeCommand('lockReview.simulateFunction', {
        uri: workspaceFile('series.mbox').toString(),
        ...SAMPLE,
      });
      const shown = (await simulations()).all()[0]!;
      assert.match(shown.simulation.main!.violation!.message, /NULL is followed: vma_start_read_locked/);
      assert.equal(shown.simulation.position, shown.simulation.main!.moves.length);
      assert.equal(shown.panel.panel.title, 'Simulation: pinboard_add');
      await until(
        () => shown.panel.isReady,
        () => 'the panel has not been heard of',
      );
      await screenshot('panel');
      // The line that goes wrong is marked in the patch.
      await until(
        () => shown.highlights.linesOf(workspaceFile('series.mbox')).length > 0,
        () => 'no line is marked in the patch',
      );
      const document = await open(workspaceFile('series.mbox'));
      const lines = shown.highlights.linesOf(document.uri).map((line) => document.lineAt(line - 1).text);
      assert.ok(
        lines.some((line) => line.includes('vma_start_read_locked(vma)')),
        lines.join('\n'),
      );
    });

    it('is another one in a second panel, and both live side by side', async () => {
      const uri = workspaceFile('series.mbox').toString();
      const [first, second] = [
        await (await simulations()).simulate({ uri, ...SAMPLE }),
        await (await simulations()).simulate({ uri, ...SAMPLE, image: 'before', explore: false }),
      ];
      second!.simulation.move(0, 0);
      await until(
        () => second!.simulation.position === 1,
        () => `it is at ${second!.simulation.position}`,
      );
      assert.notEqual(first!.simulation.position, 1);
      assert.equal(second!.simulation.main!.setup.choice.image, 'before');
    });

    it('opens again from its file at the same step', async () => {
      const uri = workspaceFile('series.mbox').toString();
      const shown = (await (await simulations()).simulate({ uri, ...SAMPLE }))!;
      shown.simulation.seek(3);
      const file = workspaceFile('kept.lock-simulation.json');
      const text = JSON.stringify(shown.simulation.file());
      await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
      shown.panel.panel.dispose();
      await vscode.commands.executeCommand('lockReview.openSimulation', file);
      const [again] = (await simulations()).all();
      assert.equal(again!.simulation.position, 3);
      assert.equal(JSON.stringify(again!.simulation.file()), text);
    });

    it('shows the path of a finding', async () => {
      const series = workspaceFile('series.mbox');
      const document = await open(series);
      const found = await diagnosticsWhen(series, (all) => all.length > 0);
      const finding = found.find((one) => ruleOf(one) === 'null-lock-argument')!;
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        finding.range,
      );
      const action = actions.find((one) => one.command?.command === 'lockReview.showPath');
      assert.ok(action?.command, actions.map((one) => one.title).join(', '));
      await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
      const [shown] = (await simulations()).all();
      assert.equal(shown!.simulation.finding!.rule, 'null-lock-argument');
      assert.ok(shown!.simulation.finding!.steps.length > 0);
      const { main, finding: path } = shown!.simulation;
      assert.deepEqual(main!.setup.choice.functions, ['area_get_wait']);
      // The schedule ends where the path does, with what the finding says.
      assert.match(main!.violation!.message, /NULL is followed/);
      const end = await shown!.simulation.fromInput(path!.steps.at(-1)!.line);
      const { file, line } = main!.violation!.place;
      assert.deepEqual({ file, line }, end);
      assert.equal(shown!.simulation.position, main!.moves.length);
    });
  });

  describe('a debug session', function () {
    this.timeout(120_000);
    afterEach(async () => {
      if (vscode.debug.activeDebugSession) await vscode.debug.stopDebugging();
      vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
      for (const { panel } of (await simulations()).all()) panel.panel.dispose();
      await closeAll();
    });

    it('goes from the command to the violation, with the panel at its side', async () => {
      await toTheViolation(
        { program: workspaceFile('series.mbox').fsPath, ...SAMPLE, schedule: 'v1:3.2,0.3,3.3,0.1' },
        /NULL is followed/,
      );
    });

    it('stops at a breakpoint in the patch', async () => {
      const series = await open(workspaceFile('series.mbox'));
      const line = series
        .getText()
        .split('\n')
        .findIndex((text) => /^\+\tmmap_read_lock\(mm\);/.test(text));
      vscode.debug.addBreakpoints([
        new vscode.SourceBreakpoint(new vscode.Location(series.uri, new vscode.Position(line, 0))),
      ]);
      const watch = watchStops();
      await vscode.debug.startDebugging(undefined, {
        type: 'lock-review',
        request: 'launch',
        name: 'test',
        program: series.uri.fsPath,
        ...SAMPLE,
        schedule: 'v1:3.2,0.3,3.3,0.1',
      });
      await watch.next('entry');
      await vscode.debug.activeDebugSession!.customRequest('continue', { threadId: 1 });
      await watch.next('breakpoint');
      watch.dispose();
      const [shown] = (await simulations()).all();
      assert.ok(shown!.simulation.position > 0 && shown!.simulation.main!.violation !== null);
      assert.ok(shown!.simulation.position < shown!.simulation.main!.moves.length);
    });

    if (shared !== '')
      it('goes to the violation of the v2 series, needs ../shared', async () => {
        await vscode.workspace
          .getConfiguration('lockReview')
          .update('tree', `${shared}/kernel/linux-7.2`, vscode.ConfigurationTarget.Workspace);
        try {
          const uri = vscode.Uri.file(`${shared}/corpus/series/unconditional-v2.mbox`);
          await open(uri);
          await vscode.commands.executeCommand('lockReview.simulateFunction', {
            uri: uri.toString(),
            scenario: 'config-removed',
            explore: true,
          });
          const [shown] = (await simulations()).all();
          const { violation, schedule } = shown!.simulation.main!;
          assert.ok(violation, 'nothing goes wrong');
          shown!.panel.panel.dispose();
          await toTheViolation(
            { program: uri.fsPath, scenario: 'config-removed', schedule },
            new RegExp(violation.message.replaceAll(/[^\w ]/g, '.')),
          );
        } finally {
          await vscode.workspace
            .getConfiguration('lockReview')
            .update('tree', undefined, vscode.ConfigurationTarget.Workspace);
        }
      });
  });
}

const simulations = async () => (await extensionApi()).simulations();

/** Runs along a schedule in a debug session, and looks at what the debugger shows where it goes wrong. */
async function toTheViolation(launch: object, message: RegExp): Promise<void> {
  const watch = watchStops();
  await vscode.debug.startDebugging(undefined, {
    type: 'lock-review',
    request: 'launch',
    name: 'test',
    ...launch,
  });
  await watch.next('entry');
  const session = vscode.debug.activeDebugSession!;
  const [shown] = (await simulations()).all();
  assert.equal(shown!.simulation.position, 0);
  await session.customRequest('continue', { threadId: 1 });
  const stop = await watch.next('exception');
  assert.match(stop.text ?? '', message);
  // The panel has come along.
  assert.equal(shown!.simulation.position, shown!.simulation.main!.moves.length);
  const { threads } = await session.customRequest('threads');
  assert.deepEqual(
    threads.map((one: { name: string }) => one.name.replace(/ \(.*/, '')),
    shown!.simulation.main!.setup.tasks,
  );
  await session.customRequest('stepBack', { threadId: stop.threadId });
  await watch.next('step');
  assert.equal(shown!.simulation.position, shown!.simulation.main!.moves.length - 1);
  const { stackFrames } = await session.customRequest('stackTrace', { threadId: stop.threadId });
  assert.ok(stackFrames.length > 0);
  const { scopes } = await session.customRequest('scopes', { frameId: stackFrames[0].id });
  assert.deepEqual(
    scopes.map((one: { name: string }) => one.name),
    ['Locals', 'Locks'],
  );
  const { variables } = await session.customRequest('variables', {
    variablesReference: scopes[1].variablesReference,
  });
  assert.ok(variables.length > 0);
  // What is done in the panel is seen by the debugger.
  shown!.simulation.seek(1);
  await watch.next('step');
  await session.customRequest('reverseContinue', { threadId: stop.threadId });
  await watch.next('entry');
  assert.equal(shown!.simulation.position, 0);
  watch.dispose();
}

interface Stop {
  readonly reason: string;
  readonly threadId: number;
  readonly text?: string;
}

/** Hears the stops of debug sessions, in their order. */
function watchStops(): { next(reason: string): Promise<Stop>; dispose(): void } {
  const stops: Stop[] = [];
  const tracker = vscode.debug.registerDebugAdapterTrackerFactory('lock-review', {
    createDebugAdapterTracker: () => ({
      onDidSendMessage: (message: { type: string; event?: string; body?: Stop }) => {
        if (message.type === 'event' && message.event === 'stopped') stops.push(message.body!);
      },
    }),
  });
  return {
    async next(reason) {
      await until(
        () => stops.length > 0,
        () => `no stop, ${reason} was expected`,
      );
      const stop = stops.shift()!;
      assert.equal(stop.reason, reason);
      return stop;
    },
    dispose: () => tracker.dispose(),
  };
}
