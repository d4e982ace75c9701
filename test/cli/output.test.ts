import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clean, sample } from '../engine/report/sample.ts';
import { cli, PATCH, temporaryDirectory } from './fake.ts';

function workplace(): string {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'one.patch'), PATCH);
  return folder;
}

describe('--output', () => {
  it('writes the report there, whole, and nothing beside it', async () => {
    const cwd = workplace();
    const { stdout } = await cli(['check', '--format', 'json', 'one.patch'], { cwd });
    const written = await cli(['check', '--format', 'json', '-o', 'report.json', 'one.patch'], { cwd });
    expect([written.status, written.stdout, written.stderr]).toEqual([1, '', '']);
    expect(readFileSync(join(cwd, 'report.json'), 'utf8')).toBe(stdout);
    expect(readdirSync(cwd).sort()).toEqual(['one.patch', 'report.json']);
  });

  it('replaces a file and keeps its mode; a symbolic link stays one', async () => {
    const cwd = workplace();
    writeFileSync(join(cwd, 'real.txt'), 'old');
    chmodSync(join(cwd, 'real.txt'), 0o600);
    symlinkSync('real.txt', join(cwd, 'report.txt'));
    await cli(['check', '--output=report.txt', 'one.patch'], { cwd, patches: clean });
    expect(readFileSync(join(cwd, 'real.txt'), 'utf8')).toContain('No findings.');
    expect(statSync(join(cwd, 'real.txt')).mode & 0o777).toBe(0o600);
    expect(readdirSync(cwd).sort()).toEqual(['one.patch', 'real.txt', 'report.txt']);
  });

  it('without colour, whatever the terminal', async () => {
    const cwd = workplace();
    await cli(['check', '-o', 'report.txt', 'one.patch'], { cwd, terminal: { stdout: 80 } });
    expect(readFileSync(join(cwd, 'report.txt'), 'utf8')).not.toContain('\u001b');
  });

  it('- is standard output', async () => {
    const cwd = workplace();
    expect((await cli(['check', '-o', '-', 'one.patch'], { cwd })).stdout).toContain('lock-leak');
    expect(readdirSync(cwd)).toEqual(['one.patch']);
  });

  it.each([
    ['no/such/report.txt', "cannot write 'no/such/report.txt': there is no directory 'no/such'"],
    ['folder', "cannot write 'folder': is a directory"],
    ['one.patch/report', "cannot write 'one.patch/report': a part of its path is not a directory"],
  ])('that cannot be written (%s) is a message and status 2', async (file, message) => {
    const cwd = workplace();
    mkdirSync(join(cwd, 'folder'));
    const { status, stderr } = await cli(['check', '-o', file, 'one.patch'], { cwd });
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(readdirSync(cwd).sort()).toEqual(['folder', 'one.patch']);
  });

  it.runIf(existsSync('/dev/full'))('on a full disk is a message and status 2, needs /dev/full', async () => {
    const { status, stderr } = await cli(['check', '-o', '/dev/full', 'one.patch'], { cwd: workplace() });
    expect([status, stderr]).toEqual([2, "lock-review: cannot write '/dev/full': the disk is full\n"]);
  });

  it('leaves an old report as it was when the new one cannot be made', async () => {
    const cwd = workplace();
    writeFileSync(join(cwd, 'report.txt'), 'old');
    const { status } = await cli(['check', '-o', 'report.txt', 'gone.patch'], { cwd });
    expect([status, readFileSync(join(cwd, 'report.txt'), 'utf8')]).toEqual([2, 'old']);
  });
});

describe('standard output', () => {
  it('that nobody reads any more is no error', async () => {
    const { status, stderr } = await cli(['check', 'one.patch'], { cwd: workplace(), stdoutFails: 'EPIPE' });
    expect([status, stderr]).toEqual([1, '']);
  });

  it('on a full disk is a message and status 2', async () => {
    const { status, stderr } = await cli(['check', 'one.patch'], { cwd: workplace(), stdoutFails: 'ENOSPC' });
    expect(status).toBe(2);
    expect(stderr).toBe('lock-review: cannot write the report to standard output: the disk is full\n');
  });
});

describe('progress', () => {
  const busy = {
    async reviewPatches(
      inputs: readonly { name: string }[],
      _tree: unknown,
      _options: unknown,
      run: { progress?(message: string, done?: number, total?: number): void },
    ) {
      const until = Date.now() + 150;
      while (Date.now() < until) run.progress?.('pool.c\u001b[2J', 1, 3);
      return { ...sample, inputs: inputs.map((input) => input.name) };
    },
  };

  it('is on a terminal alone, and gone in the end', async () => {
    const cwd = workplace();
    const quiet = await cli(['check', 'one.patch'], { cwd, services: busy });
    expect(quiet.stderr).toBe('');
    const shown = await cli(['check', 'one.patch'], { cwd, services: busy, terminal: { stderr: 80 } });
    expect(shown.stderr).toContain('\r\u001b[Kpool.c [2J (1 of 3)');
    expect(shown.stderr.endsWith('\r\u001b[K')).toBe(true);
    expect(shown.stdout).toBe(quiet.stdout);
    const dumb = await cli(['check', 'one.patch'], {
      cwd,
      services: busy,
      env: { TERM: 'dumb' },
      terminal: { stderr: 80 },
    });
    expect(dumb.stderr).toBe('');
  });
});

describe('an error inside', () => {
  it('is told as one, with status 2, never 1', async () => {
    const reviewPatches = async () => {
      throw new Error('the engine broke');
    };
    const { status, stdout, stderr } = await cli(['check', 'one.patch'], {
      cwd: workplace(),
      services: { reviewPatches },
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('internal error, please report it: Error: the engine broke');
  });
});
