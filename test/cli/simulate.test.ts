import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SimulationResult } from '../../engine/simulate/index.ts';
import { cli, PATCH, temporaryDirectory } from './fake.ts';

function workplace(): string {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'one.patch'), PATCH);
  mkdirSync(join(folder, 'linux'));
  writeFileSync(join(folder, 'linux/pool.c'), 'int pool;\n');
  return folder;
}

const holds: SimulationResult = {
  version: 1,
  scenario: 'pool',
  title: 'one task',
  property: 'it ends',
  roles: [{ role: 'reader', function: 'pool_get', file: 'drivers/demo/pool.c' }],
  depth: 'contract',
  release: '7.2',
  verdict: 'holds',
  isShortest: false,
  steps: null,
  bound: null,
  reason: '',
  trace: null,
  assumed: [],
  numbers: { states: 12, transitions: 30, milliseconds: 1 },
};
const violated: SimulationResult = {
  ...holds,
  scenario: 'pool-drain',
  verdict: 'violated',
  steps: 4,
  isShortest: true,
};
const unfinished: SimulationResult = { ...holds, verdict: 'not-finished', reason: 'too many states' };
const stuck: SimulationResult = {
  ...holds,
  verdict: 'not-runnable',
  reason: 'pool.c:3: an unknown construct',
};

const argv = ['simulate', 'one.patch'];

describe('simulate', () => {
  it.each([
    ['holds', [holds], 0],
    ['is violated', [violated], 1],
    ['is violated in one of two scenarios', [holds, violated], 1],
    ['is not finished', [unfinished], 0],
    ['cannot be run', [stuck], 2],
    ['cannot be run in one of two scenarios', [stuck, holds], 0],
    ['fits no scenario', [], 2],
  ] as const)('ends with a status that says whether it %s', async (_, simulations, status) => {
    expect((await cli(argv, { cwd: workplace(), simulations })).status).toBe(status);
  });

  it('prints each verdict, and what was not known', async () => {
    const { stdout, stderr } = await cli(argv, { cwd: workplace(), simulations: [violated, holds] });
    expect(stdout).toContain('pool-drain: one task');
    expect(stdout).toContain('holds for every interleaving of this scenario');
    expect(stdout).toContain('Notes:\n  - callees are unknown');
    expect(stderr).toBe('');
  });

  it('says why nothing could be run', async () => {
    const none = await cli(argv, { cwd: workplace() });
    expect(none.stdout).toBe('');
    expect(none.stderr).toBe('lock-review: no scenario could be run\n  pool: nothing plays the role drain\n');
    const { stderr } = await cli(argv, { cwd: workplace(), simulations: [stuck] });
    expect(stderr).toContain('pool: cannot be run: pool.c:3: an unknown construct');
  });

  it('prints JSON: one object for a scenario that is named, else a list', async () => {
    const simulations = [holds, violated];
    const all = await cli([...argv, '--format', 'json'], { cwd: workplace(), simulations });
    expect(JSON.parse(all.stdout)).toEqual(simulations);
    const one = await cli([...argv, '--format', 'json', '--scenario', 'pool'], {
      cwd: workplace(),
      simulations,
    });
    expect(JSON.parse(one.stdout)).toEqual(holds);
  });

  it('writes to --output', async () => {
    const cwd = workplace();
    const { stdout, status } = await cli([...argv, '-o', 'report.txt'], { cwd, simulations: [holds] });
    expect([status, stdout]).toEqual([0, '']);
    expect(readFileSync(join(cwd, 'report.txt'), 'utf8')).toContain('holds for every');
  });

  it('shows hidden characters of the code', async () => {
    const simulations = [{ ...holds, assumed: ['pool\u202e() does\u001b[2J nothing'] }];
    const text = await cli(argv, { cwd: workplace(), simulations });
    expect(text.stdout).toContain('pool<U+202E>() does<U+001B>[2J nothing');
    const data = await cli([...argv, '--format', 'json'], { cwd: workplace(), simulations });
    expect(data.stdout).not.toContain('\u202e');
    expect(JSON.parse(data.stdout)).toEqual(simulations);
  });

  it('writes a model for Spin, to a file where one is named', async () => {
    const cwd = workplace();
    const order = [...argv, '--scenario', 'pool', '--export', 'promela', '--max-states', '9'];
    const { stdout, status, orders } = await cli(order, { cwd, simulations: [holds] });
    expect([status, stdout]).toEqual([0, '/* pool */\n']);
    expect(orders[0]!.how).toEqual({ kind: 'promela', limits: { maxStates: 9 } });
    await cli([...order, '-o', 'pool.pml'], { cwd, simulations: [holds] });
    expect(readFileSync(join(cwd, 'pool.pml'), 'utf8')).toBe('/* pool */\n');
  });

  it('passes on what is asked for', async () => {
    const cwd = workplace();
    writeFileSync(
      join(cwd, 'linux/.lock-review.json'),
      '{ "config": { "CONFIG_SMP": "y", "CONFIG_MMU": "n" } }',
    );
    const full = [
      '--function',
      'f',
      '--function=g',
      '--scenario',
      'pool',
      '--config',
      'MMU=y',
      '--depth',
      'full',
      '--before',
    ];
    const { orders } = await cli([...argv, 'pool.c', '--tree', 'linux', ...full], {
      cwd,
      simulations: [holds],
    });
    expect(orders).toHaveLength(1);
    const [order] = orders;
    expect(order).toMatchObject({
      functions: ['f', 'g'],
      scenario: 'pool',
      depth: 'full',
      before: true,
      sources: [{ path: 'pool.c' }],
      patches: [{ name: 'one.patch', text: PATCH }],
      how: { kind: 'explore', strategy: 'reduced', preemptions: null, limits: {} },
    });
    expect(order!.tree!.name).toBe(join(cwd, 'linux'));
    expect(Object.fromEntries(order!.configuration)).toEqual({ CONFIG_SMP: 'y', CONFIG_MMU: 'y' });
  });

  it.each([
    [['--explore', '--full'], { kind: 'explore', strategy: 'full' }],
    [['--preemptions', '0'], { kind: 'explore', preemptions: 0 }],
    [
      ['--max-states', '5', '--max-memory', '6', '--max-time', '7'],
      { limits: { maxStates: 5, maxMegabytes: 6, maxMilliseconds: 7000 } },
    ],
    [['--random', '100'], { kind: 'random', runs: 100, seed: 1 }],
    [['--random', '100', '--seed', '7'], { kind: 'random', runs: 100, seed: 7 }],
    [
      ['--scenario', 'pool', '--schedule', 'v1:0.2,1.1!2'],
      {
        kind: 'schedule',
        schedule: [
          { task: 0, moves: 2, choices: [] },
          { task: 1, moves: 1, choices: [2] },
        ],
      },
    ],
  ])('%j chooses who moves', async (more, how) => {
    const { orders } = await cli([...argv, ...more], { cwd: workplace(), simulations: [holds] });
    expect(orders[0]!.how).toMatchObject(how);
  });

  it.each([
    [['simulate'], 'nothing to simulate: expected an INPUT'],
    [[...argv, '--scenario', 'poool'], "there is no scenario 'poool'\n  did you mean 'pool'?"],
    [[...argv, '--schedule', 'v1:0.1'], "option '--schedule' needs '--scenario'"],
    [
      [...argv, '--scenario', 'pool', '--schedule', 'v9:0'],
      "option '--schedule': expected a schedule that begins with 'v1:'",
    ],
    [[...argv, '--explore', '--random', '5'], "options '--explore' and '--random' cannot be given together"],
    [[...argv, '--export', 'promela'], "option '--export' needs '--scenario'"],
    [[...argv, '--scenario', 'pool', '--export', 'tla'], "option '--export': 'tla' is not one of promela"],
    [
      [...argv, '--export', 'promela', '--random', '5'],
      "options '--random' and '--export' cannot be given together",
    ],
    [[...argv, '--random', '0'], "option '--random': '0' is not a whole number from 1 on"],
    [[...argv, '--random', '5', '--seed', 'x'], "option '--seed': 'x' is not a whole number from 0 on"],
    [[...argv, '--seed', '5'], "option '--seed' needs '--random'"],
    [[...argv, '--max-time', '-1'], "option '--max-time' needs an argument"],
    [[...argv, '--depth', 'deep'], "option '--depth': 'deep' is not one of contract, full"],
    [[...argv, '--format', 'sarif'], "option '--format': 'sarif' is not one of text, json"],
    [['simulate', 'gone.patch'], 'gone.patch: cannot be read: there is no such file'],
  ])('refuses %j', async (bad, message) => {
    const { status, stdout, stderr, orders } = await cli(bad as string[], {
      cwd: workplace(),
      simulations: [holds],
    });
    expect([status, stdout, orders]).toEqual([2, '', []]);
    expect(stderr).toContain(message);
  });
});

describe('simulate --session', () => {
  const session = {
    lockReviewSession: 1,
    inputs: { patches: [{ name: 'one.patch', text: PATCH }], sources: [] },
    tree: '/elsewhere',
    document: null,
    choice: {
      functions: ['pool_get'],
      scenario: 'pool',
      image: 'before',
      depth: 'full',
      configuration: { CONFIG_POOL: 'n' },
      own: { tasks: ['reader'], vmas: [] },
    },
    schedule: 'v1:0.3,1.2',
    position: 2,
    second: null,
  };
  const run = async (content: unknown, more: readonly string[] = []) => {
    const cwd = workplace();
    writeFileSync(join(cwd, 'kept.json'), typeof content === 'string' ? content : JSON.stringify(content));
    return cli(['simulate', '--session', 'kept.json', ...more], { cwd, simulations: [holds] });
  };

  it('runs what was exported from the panel, along its schedule', async () => {
    const { orders, status } = await run(session);
    expect(status).toBe(0);
    expect(orders[0]).toMatchObject({
      patches: session.inputs.patches,
      functions: ['pool_get'],
      scenario: 'pool',
      before: true,
      depth: 'full',
      how: {
        kind: 'schedule',
        schedule: [
          { task: 0, moves: 3 },
          { task: 1, moves: 2 },
        ],
      },
      own: session.choice.own,
    });
    expect(orders[0]!.configuration).toEqual(new Map([['CONFIG_POOL', 'n']]));
  });

  it('explores where nothing has been made yet', async () => {
    expect((await run({ ...session, schedule: 'v1:' })).orders[0]!.how).toMatchObject({ kind: 'explore' });
  });

  it.each([
    ['is no JSON', '{', /kept\.json: is no simulation session/],
    ['lacks a part', { ...session, choice: undefined }, /kept\.json: is no simulation session: choice/],
    ['has a schedule of another version', { ...session, schedule: 'v9:' }, /kept\.json: its schedule: /],
  ])('says what is wrong where the file %s', async (_, content, message) => {
    const { status, stderr } = await run(content);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('takes no INPUT beside it', async () => {
    const { status, stderr } = await run(session, ['one.patch']);
    expect(status).toBe(2);
    expect(stderr).toContain("option '--session' brings its own INPUT and scenario");
  });
});
