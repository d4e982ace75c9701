import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error a build script, without types
import { nodeBundle } from '../../esbuild.mjs';
import { PATCH, temporaryDirectory } from './fake.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const program = path.join(ROOT, '.vscode-test/cli/process/lock-review.cjs');

beforeAll(async () => {
  await build({
    ...nodeBundle,
    entryPoints: { 'lock-review': 'test/cli/fake-main.ts' },
    outdir: path.dirname(program),
    outExtension: { '.js': '.cjs' },
  });
});

function workplace(): string {
  const folder = temporaryDirectory();
  writeFileSync(path.join(folder, 'one.patch'), PATCH);
  return folder;
}

const run = (args: readonly string[], options: { cwd?: string; input?: string } = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: options.cwd ?? workplace(),
    input: options.input ?? '',
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

/** A shell command in which `$LR` is the program. */
const shell = (script: string, cwd = workplace()) => {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, LR: `${process.execPath} ${program}` },
  });
  return { status, stdout, stderr };
};

describe('the process', () => {
  it.each([
    [['--version'], 0],
    [['check', 'one.patch'], 1],
    [['check', '--fail-on', 'never', 'one.patch'], 0],
    [['check', 'none.patch'], 2],
    [['nonsense'], 2],
  ] as const)('ends %j with its status %i', (args, status) => {
    expect(run(args).status).toBe(status);
  });

  it('reads a patch from standard input', () => {
    const { status, stdout, stderr } = run(['check', '--format', 'json', '-'], { input: PATCH });
    expect([status, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout).version).toBe(1);
    expect(run(['check', '-']).stderr).toBe('lock-review: standard input: is empty\n');
  });

  it('reads a patch from a pipe and from a file descriptor', () => {
    expect(shell('cat one.patch | $LR check -').status).toBe(1);
    expect(shell('mkfifo pipe; cat one.patch > pipe & $LR check pipe').status).toBe(1);
    expect(shell('$LR check /dev/fd/5 5<one.patch').status).toBe(1);
    expect(shell('$LR check - <&-').status).toBe(2);
  });

  it.runIf(existsSync('/dev/zero'))('does not read without end, needs /dev/zero', () => {
    expect(shell('$LR check /dev/zero').stderr).toContain('/dev/zero: is longer than 32 MB');
    expect(shell('$LR check - < /dev/zero').stderr).toContain('standard input: is longer than 32 MB');
  });

  it('is not troubled by a reader that goes away', () => {
    const { stdout, stderr } = shell(
      '{ $LR check --format sarif one.patch; echo "status $?" >&2; } | head -c 10',
    );
    expect(stdout).toHaveLength(10);
    expect(stderr).toBe('status 1\n');
    const closed = shell('{ sleep 0.2; $LR check one.patch; echo "status $?" >&2; } | true');
    expect(closed.stderr).toBe('status 1\n');
    expect(
      shell('{ sleep 0.2; $LR nonsense; echo "status $?" >&3; } 3>&1 2>&1 >/dev/null | true', workplace())
        .status,
    ).toBe(0);
  });

  it.runIf(existsSync('/dev/full'))('says that the disk is full, needs /dev/full', () => {
    const { status, stderr } = shell('$LR check one.patch > /dev/full');
    expect(stderr).toBe('lock-review: cannot write the report to standard output: the disk is full\n');
    expect(status).toBe(2);
  });

  it('hands a long report over whole, to a slow reader too', () => {
    const long = shell('$LR check --format json one.patch | { sleep 0.3; cat; }').stdout;
    expect(long).toBe(run(['check', '--format', 'json', 'one.patch']).stdout);
  });

  it('writes nothing but what --output names', () => {
    const cwd = workplace();
    run(['check', '--all', 'one.patch'], { cwd });
    expect(readdirSync(cwd)).toEqual(['one.patch']);
    run(['check', '-o', 'report.txt', 'one.patch'], { cwd });
    expect(readdirSync(cwd)).toEqual(['one.patch', 'report.txt']);
  });

  it('has no colour and no progress without a terminal', () => {
    const { stdout, stderr } = run(['check', 'one.patch']);
    expect(stdout + stderr).not.toContain('\u001b');
  });

  it('reviews a range of commits, whatever the user has told git', () => {
    const cwd = temporaryDirectory();
    mkdirSync(path.join(cwd, 'linux'));
    const git = (...args: string[]) =>
      expect(
        spawnSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
          cwd: path.join(cwd, 'linux'),
        }).status,
      ).toBe(0);
    git('init', '-q');
    writeFileSync(path.join(cwd, 'linux/a.c'), 'int a;\n');
    git('add', 'a.c');
    git('commit', '-qm', 'one');
    writeFileSync(path.join(cwd, 'linux/a.c'), 'int b;\n');
    git('commit', '-qam', 'two');
    for (const [key, value] of [
      ['diff.noprefix', 'true'],
      ['format.attach', 'yes'],
      ['diff.external', 'touch stolen'],
      ['core.pager', 'touch stolen'],
    ]) {
      git('config', key!, value!);
    }
    const { status, stdout, stderr } = run(
      ['check', '--tree', 'linux', '--format', 'reply', 'HEAD~1..HEAD'],
      { cwd },
    );
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toContain('pool_get() returns');
    expect(readdirSync(path.join(cwd, 'linux')).sort()).toEqual(['.git', 'a.c']);
    expect(run(['check', '--tree', 'linux', 'HEAD..HEAD'], { cwd }).stderr).toContain(
      'HEAD..HEAD: names no commits',
    );
    expect(run(['check', '--tree', 'linux', 'nope..HEAD'], { cwd }).stderr).toContain(
      'nope..HEAD: is a git range, and git could not read it: fatal: ',
    );
    expect(run(['check', '--tree', 'linux', '--', '--output=x..y'], { cwd }).stderr).toContain(
      'there is no such file',
    );
  });

  it('ends on an interrupt', async () => {
    const child = spawn(process.execPath, [program, 'check', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await new Promise((resolve) => child.once('spawn', resolve));
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
  });
});
