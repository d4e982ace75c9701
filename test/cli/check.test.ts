import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clean, existing, fixed, leak, outside, sample } from '../engine/report/sample.ts';
import { cli, PATCH, temporaryDirectory } from './fake.ts';

/** A directory with a patch, a C file, and a small tree. */
function workplace(): string {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'one.patch'), PATCH);
  writeFileSync(join(folder, 'two.mbox'), `From x\n\n${PATCH}`);
  writeFileSync(join(folder, 'alone.c'), 'int alone(void)\n{\n\treturn 0;\n}\n');
  const tree = join(folder, 'linux');
  for (const sub of ['include/linux', 'drivers/demo', 'mm']) mkdirSync(join(tree, sub), { recursive: true });
  writeFileSync(join(tree, 'Makefile'), 'VERSION = 7\nPATCHLEVEL = 2\n');
  writeFileSync(join(tree, 'Kconfig'), '');
  writeFileSync(join(tree, 'drivers/demo/pool.c'), 'int pool;\n');
  writeFileSync(join(tree, 'drivers/demo/pool.h'), 'extern int pool;\n');
  writeFileSync(join(tree, 'drivers/demo/notes.txt'), 'no C\n');
  writeFileSync(join(tree, 'mm/gup.c'), 'int gup;\n');
  return folder;
}

describe('the exit status of check', () => {
  const cwd = () => workplace();

  it('is 1 with an error that the patch introduces, 0 without', async () => {
    expect((await cli(['check', 'one.patch'], { cwd: cwd() })).status).toBe(1);
    expect((await cli(['check', 'one.patch'], { cwd: cwd(), patches: clean })).status).toBe(0);
  });

  it('ignores what was there before and what the patch repairs', async () => {
    const patches = { ...sample, findings: [{ ...existing, level: 'error' as const }, fixed] };
    expect((await cli(['check', '--all', 'one.patch'], { cwd: cwd(), patches })).status).toBe(0);
  });

  it.each([
    ['error', 'error', 1],
    ['error', 'warning', 0],
    ['error', 'note', 0],
    ['warning', 'error', 1],
    ['warning', 'warning', 1],
    ['warning', 'note', 0],
    ['note', 'note', 1],
    ['never', 'error', 0],
  ] as const)('with --fail-on %s and a finding of level %s is %i', async (failOn, level, status) => {
    const patches = { ...sample, findings: [{ ...leak, level }] };
    expect((await cli(['check', '--fail-on', failOn, 'one.patch'], { cwd: cwd(), patches })).status).toBe(
      status,
    );
  });

  it('counts every finding of a file that is reviewed by itself', async () => {
    const files = { ...sample, inputs: ['alone.c'], findings: [{ ...leak, status: 'existing' as const }] };
    const { status, stdout } = await cli(['check', '--format', 'json', 'alone.c'], { cwd: cwd(), files });
    expect(status).toBe(1);
    expect(JSON.parse(stdout).findings).toMatchObject([{ rule: 'lock-leak', status: 'introduced' }]);
  });

  it('is 2 when an input cannot be used, and the others are still reviewed', async () => {
    const { status, stdout, stderr } = await cli(['check', 'none.patch', 'one.patch'], { cwd: cwd() });
    expect(status).toBe(2);
    expect(stderr).toBe('lock-review: none.patch: cannot be read: there is no such file\n');
    expect(stdout).toContain('error[lock-leak]');
  });
});

describe('arguments that cannot be used', () => {
  it.each([
    [[], 'no command was given'],
    [['chekc'], "unknown command 'chekc'\n  did you mean 'check'?"],
    [['--frobnicate'], "unknown option '--frobnicate'"],
    [['check'], 'nothing to check: expected an INPUT'],
    [['check', '--fromat', 'json', 'x'], "unknown option '--fromat'\n  did you mean '--format'?"],
    [['check', '--zzzzzzzzz', 'x'], "unknown option '--zzzzzzzzz'\n  see 'lock-review check --help'"],
    [['check', '-x', 'x'], "unknown option '-x'"],
    [['check', '--format'], "option '--format' needs an argument"],
    [['check', '--output', '--all', 'x'], "option '--output' needs an argument"],
    [['check', '--all=yes', 'x'], "option '--all' takes no argument"],
    [
      ['check', '--format', 'xml', 'x'],
      "option '--format': 'xml' is not one of text, json, sarif, github, reply, b4",
    ],
    [
      ['check', '--fail-on', 'errors', 'x'],
      "'errors' is not one of error, warning, note, never\n  did you mean 'error'?",
    ],
    [['check', '--color', 'yes', 'x'], "option '--color': 'yes' is not one of auto, always, never"],
    [['check', '--config', 'MMU', 'x'], "option '--config': 'MMU' is not of the form NAME=y|m|n"],
    [['check', '--config', 'MMU=1', 'x'], "option '--config': '1' is not one of y, m, n"],
    [
      ['check', '--config', 'M-U=y', 'x'],
      "option '--config': 'M-U' is not the name of a configuration symbol",
    ],
    [['check', '--config', '=y', 'x'], "option '--config': '=y' is not of the form"],
    [['check', '--rule', 'lock-lea=off', 'x'], "there is no rule 'lock-lea'\n  did you mean 'lock-leak'?"],
    [['check', '--rule', 'lock-leak', 'x'], "option '--rule': 'lock-leak' is not of the form ID=LEVEL"],
    [
      ['check', '--rule', 'lock-leak=fatal', 'x'],
      "option '--rule': 'fatal' is not one of error, warning, note, off",
    ],
    [['check', '--shard', '0/2', 'x'], "option '--shard': '0/2' is not I/N"],
    [['check', '--shard', '3/2', 'x'], "option '--shard': '3/2' is not I/N"],
    [['check', '--shard', 'half', 'x'], "option '--shard': 'half' is not I/N"],
    [
      ['check', '--tree', 'no/such', 'x'],
      "option '--tree': 'no/such' cannot be used: there is no such directory",
    ],
    [['rules', 'a', 'b'], 'expected one ID at most, not 2'],
    [['rules', 'lock-lek'], "there is no rule 'lock-lek'\n  did you mean 'lock-leak'?"],
    [['contracts', 'pool_lok'], "there is no contract 'pool_lok'\n  did you mean 'pool_lock'?"],
    [['merge'], 'nothing to merge: expected a FILE'],
    [['serve'], 'expected --stdio'],
    [['serve', '--stdio', 'x'], "unexpected argument 'x'"],
  ])('%j', async (argv, message) => {
    const { status, stdout, stderr, calls } = await cli(argv as string[], { cwd: temporaryDirectory() });
    expect(stderr).toMatch(/^lock-review: /);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(calls).toEqual([]);
  });
});

describe('the options of check', () => {
  it('reach the review', async () => {
    const cwd = workplace();
    const argv = ['check', '--tree', 'linux', '--config', 'MMU=y', '--config', 'CONFIG_DEMO=m', '--all'];
    const { calls } = await cli(
      [...argv, '--rule', 'lock-leak=off', '--rule=double-lock=note', 'one.patch'],
      { cwd },
    );
    expect(calls).toHaveLength(1);
    const [{ options, tree, patches }] = calls as [(typeof calls)[0]];
    expect(tree).toBe(join(cwd, 'linux'));
    expect(patches).toEqual([{ name: 'one.patch', text: PATCH }]);
    expect([...options.configuration]).toEqual([
      ['CONFIG_MMU', 'y'],
      ['CONFIG_DEMO', 'm'],
    ]);
    expect([...options.ruleLevels]).toEqual([
      ['lock-leak', 'off'],
      ['double-lock', 'note'],
    ]);
    expect(options.all).toBe(true);
    expect(options.shard).toBeNull();
  });

  it('--all shows what was there before; without it no format does', async () => {
    const cwd = workplace();
    for (const format of ['text', 'json', 'sarif', 'github', 'reply', 'b4']) {
      const without = await cli(['check', '--format', format, 'one.patch'], { cwd });
      expect(without.stdout, format).not.toContain('split-read]');
      expect(without.stdout, format).not.toContain('pool_dump');
    }
    expect((await cli(['check', '--all', 'one.patch'], { cwd })).stdout).toContain('split-read');
    expect((await cli(['check', '--all', '--format=json', 'one.patch'], { cwd })).stdout).toContain(
      'split-read',
    );
  });

  it('--shard splits files, and leaves patches to the first part', async () => {
    const cwd = workplace();
    const run = (shard: string) =>
      cli(['check', '--tree=linux', `--shard=${shard}`, 'one.patch', 'linux/drivers'], { cwd });
    const first = await run('1/2');
    const second = await run('2/2');
    expect(first.calls.map((call) => [call.patches?.length ?? 0, call.options.shard])).toEqual([
      [1, null],
      [0, { index: 0, count: 2 }],
    ]);
    expect(second.calls.map((call) => [call.patches?.length ?? 0, call.options.shard])).toEqual([
      [0, { index: 1, count: 2 }],
    ]);
  });

  it('--color: as asked; else on a terminal that can, unless NO_COLOR is set', async () => {
    const cwd = workplace();
    const coloured = async (argv: string[], env: Record<string, string>, terminal: boolean) => {
      const setup = { cwd, env, ...(terminal ? { terminal: { stdout: 80 } } : {}) };
      return (await cli(['check', ...argv, 'one.patch'], setup)).stdout.includes('\u001b[');
    };
    expect(await coloured([], {}, true)).toBe(true);
    expect(await coloured([], {}, false)).toBe(false);
    expect(await coloured([], { NO_COLOR: '1' }, true)).toBe(false);
    expect(await coloured([], { NO_COLOR: '' }, true)).toBe(true);
    expect(await coloured([], { TERM: 'dumb' }, true)).toBe(false);
    expect(await coloured(['--color', 'never'], {}, true)).toBe(false);
    expect(await coloured(['--color', 'always'], { NO_COLOR: '1' }, false)).toBe(true);
  });

  it('fills the width of the terminal', async () => {
    const cwd = workplace();
    const longest = async (columns: number) => {
      const { stdout } = await cli(['check', '--color=never', 'one.patch'], {
        cwd,
        terminal: { stdout: columns },
      });
      return Math.max(
        ...stdout
          .split('\n')
          .filter((line) => !/^\S+:\d+:\d+:/.test(line))
          .map((line) => line.length),
      );
    };
    expect(await longest(60)).toBeLessThanOrEqual(60);
    expect(await longest(110)).toBeGreaterThan(80);
  });

  it('gives the same bytes each time', async () => {
    const cwd = workplace();
    for (const format of ['text', 'json', 'sarif', 'github', 'reply', 'b4']) {
      const run = async () =>
        (await cli(['check', '--all', '--format', format, 'one.patch', 'alone.c'], { cwd })).stdout;
      const first = await run();
      expect(first.endsWith('\n')).toBe(true);
      expect(await run()).toBe(first);
    }
  });
});

describe('the inputs of check', () => {
  it('are patches by any name, in their order, and standard input', async () => {
    const cwd = workplace();
    writeFileSync(join(cwd, 'mail'), PATCH);
    const { calls } = await cli(['check', 'two.mbox', '-', 'mail', 'one.patch'], { cwd, stdin: PATCH });
    expect(calls[0]!.patches!.map((patch) => patch.name)).toEqual(['two.mbox', '-', 'mail', 'one.patch']);
  });

  it('are C files by themselves', async () => {
    const { calls } = await cli(['check', 'alone.c'], { cwd: workplace() });
    expect(calls).toMatchObject([
      { tree: null, files: [{ path: 'alone.c', text: expect.stringContaining('alone(void)') }] },
    ]);
  });

  it('are C files of the tree, seen from here or from its root, each once', async () => {
    const cwd = workplace();
    const { calls } = await cli(
      ['check', '--tree', 'linux', 'linux/mm/gup.c', 'mm/gup.c', 'drivers/demo/pool.h', 'alone.c'],
      { cwd },
    );
    expect(calls[0]!.files).toEqual([
      { path: 'mm/gup.c' },
      { path: 'drivers/demo/pool.h' },
      { path: 'alone.c', text: expect.any(String) },
    ]);
  });

  it('are directories of the tree', async () => {
    const cwd = workplace();
    const files = async (input: string) =>
      (await cli(['check', '--tree', 'linux', input], { cwd })).calls[0]!.files!.map((file) => file.path);
    const demo = ['drivers/demo/pool.c', 'drivers/demo/pool.h'];
    expect(await files('linux/drivers')).toEqual(demo);
    expect(await files('drivers/demo/')).toEqual(demo);
    expect(await files('linux')).toEqual([...demo, 'mm/gup.c']);
  });

  it('that are named twice are reviewed once', async () => {
    const { status, calls } = await cli(['check', '-', 'one.patch', '-', 'one.patch'], {
      cwd: workplace(),
      stdin: PATCH,
      patches: clean,
    });
    expect(status).toBe(0);
    expect(calls[0]!.patches!.map((patch) => patch.name)).toEqual(['-', 'one.patch']);
  });

  it('may be in UTF-16 or Latin-1', async () => {
    const cwd = workplace();
    writeFileSync(join(cwd, 'wide.patch'), Buffer.from(`\ufeff${PATCH}`, 'utf16le'));
    writeFileSync(join(cwd, 'old.patch'), Buffer.from(`Ren\u00e9\n${PATCH}`, 'latin1'));
    const { calls } = await cli(['check', 'wide.patch', 'old.patch'], { cwd });
    expect(calls[0]!.patches!.map((patch) => patch.text)).toEqual([PATCH, `Ren\u00e9\n${PATCH}`]);
  });
});

describe('a bad input', () => {
  const bad = async (input: string, prepare: (cwd: string) => void, argv: string[] = [], stdin = '') => {
    const cwd = workplace();
    prepare(cwd);
    const outcome = await cli(['check', ...argv, input, 'one.patch'], { cwd, stdin, patches: clean });
    expect(outcome.status).toBe(2);
    // The rest is still reviewed.
    expect(outcome.calls[0]!.patches!.map((patch) => patch.name)).toEqual(['one.patch']);
    expect(outcome.stdout).toContain('No findings.');
    return outcome.stderr;
  };

  it('that is no patch', async () => {
    const stderr = await bad('letter.txt', (cwd) => writeFileSync(join(cwd, 'letter.txt'), 'Dear all,\n'));
    expect(stderr).toBe(
      'lock-review: letter.txt: is not a patch: expected a diff, as git format-patch, git diff or diff -u write it\n',
    );
  });

  it('that is empty', async () => {
    expect(await bad('empty.patch', (cwd) => writeFileSync(join(cwd, 'empty.patch'), ''))).toBe(
      'lock-review: empty.patch: is empty\n',
    );
    expect(await bad('-', () => {})).toBe('lock-review: standard input: is empty\n');
    expect(await bad('empty.c', (cwd) => writeFileSync(join(cwd, 'empty.c'), ''))).toContain(
      'empty.c: is empty',
    );
  });

  it('that is binary or compressed', async () => {
    expect(await bad('core', (cwd) => writeFileSync(join(cwd, 'core'), 'ab\nc\0d'))).toBe(
      'lock-review: core: is a binary file: expected text, and there is a NUL byte in line 2\n',
    );
    const gzip = Buffer.from([0x1f, 0x8b, 8, 0, 1]);
    expect(await bad('a.patch.gz', (cwd) => writeFileSync(join(cwd, 'a.patch.gz'), gzip))).toBe(
      'lock-review: a.patch.gz: is gzip-compressed: expected text; unpack it first\n',
    );
    expect(await bad('bad.c', (cwd) => writeFileSync(join(cwd, 'bad.c'), 'int\0'))).toContain(
      'bad.c: is a binary file',
    );
  });

  it('that cannot be read', async () => {
    expect(await bad('gone.patch', () => {})).toContain('gone.patch: cannot be read: there is no such file');
    expect(await bad('link.patch', (cwd) => symlinkSync('nowhere', join(cwd, 'link.patch')))).toContain(
      'link.patch: cannot be read: the symbolic link leads nowhere',
    );
    expect(await bad('loop.patch', (cwd) => symlinkSync('loop.patch', join(cwd, 'loop.patch')))).toContain(
      'loop.patch: cannot be read: too many symbolic links',
    );
    expect(await bad('one.patch/x', () => {})).toContain('a part of its path is not a directory');
  });

  it('that is a directory', async () => {
    expect(await bad('linux', () => {})).toContain('linux: is a directory: expected a patch or a C file');
    const make = (cwd: string) => mkdirSync(join(cwd, 'outgoing.patch'));
    expect(await bad('outgoing.patch', make)).toContain('outgoing.patch: is a directory');
    expect(await bad('outgoing.patch', make, ['--tree', 'linux'])).toContain(
      "outgoing.patch: is a directory outside the tree 'linux'",
    );
    const docs = (cwd: string) => mkdirSync(join(cwd, 'linux/Documentation'));
    expect(await bad('linux/Documentation', docs, ['--tree', 'linux'])).toContain(
      'is a directory without C files',
    );
  });

  it('that climbs out of the tree', async () => {
    const stderr = await bad('../secret.c', (cwd) => writeFileSync(join(cwd, 'secret.c'), 'int x;\n'), [
      '--tree',
      'linux',
    ]);
    expect(stderr).toContain('../secret.c: cannot be read: there is no such file');
  });

  it('that is a range without a tree, or in no repository', async () => {
    expect(await bad('v7.1..HEAD', () => {})).toContain(
      'v7.1..HEAD: reads as a git range, which needs the tree',
    );
    expect(await bad('v7.1..HEAD', () => {}, ['--tree', 'linux'])).toContain(
      'v7.1..HEAD: is a git range, and git could not read it: fatal: not a git repository',
    );
    // Nothing that git could take for an option, nor a path that climbs.
    expect(await bad('a/../../b', () => {}, ['--tree', 'linux'])).toContain('there is no such file');
  });

  it('alone gives no report', async () => {
    const { status, stdout } = await cli(['check', '--format', 'json', 'gone.patch'], { cwd: workplace() });
    expect([status, stdout]).toEqual([2, '']);
  });

  it('is in the notes of a report for programs', async () => {
    const { stdout } = await cli(['check', '--format', 'json', 'gone.patch', 'one.patch'], {
      cwd: workplace(),
    });
    expect(JSON.parse(stdout).notes).toContain('gone.patch: cannot be read: there is no such file');
  });

  it('is no mistake where it is the cover letter beside its patches', async () => {
    const cwd = workplace();
    writeFileSync(
      join(cwd, '0000-cover.patch'),
      'From: A\nSubject: [PATCH v2 0/3] lock the pool\n\nHello.\n',
    );
    const both = await cli(['check', '0000-cover.patch', 'one.patch'], { cwd, patches: clean });
    expect([both.status, both.stderr]).toEqual([0, '']);
    const alone = await cli(['check', '0000-cover.patch'], { cwd });
    expect([alone.status, alone.stdout]).toEqual([2, '']);
  });

  it('for b4 is no mistake where a mail has no diff: there is nothing to say of it', async () => {
    const { status, stdout, stderr } = await cli(['check', '--format', 'b4', '-'], {
      cwd: workplace(),
      stdin: 'Subject: [PATCH 0/3] cover letter\n\nHello.\n',
    });
    expect([status, stdout, stderr]).toEqual([0, '[]\n', '']);
  });
});

describe('the tree', () => {
  it('that is a file is refused', async () => {
    const { status, stderr } = await cli(['check', '--tree', 'alone.c', 'one.patch'], { cwd: workplace() });
    expect(status).toBe(2);
    expect(stderr).toContain("option '--tree': 'alone.c' is a file: expected the directory of a kernel tree");
  });

  it("that is not a kernel's is used, with a note", async () => {
    const cwd = workplace();
    mkdirSync(join(cwd, 'other'));
    const { status, stdout, calls } = await cli(['check', '--tree', 'other', 'one.patch'], {
      cwd,
      patches: clean,
    });
    expect(status).toBe(0);
    expect(calls[0]!.tree).toBe(join(cwd, 'other'));
    expect(stdout.replace(/\s+/g, ' ')).toContain('other: is not a kernel tree as far as can be seen');
    const kernel = await cli(['check', '--tree', 'linux', 'one.patch'], { cwd, patches: clean });
    expect(kernel.stdout).not.toContain('kernel tree');
  });
});

describe('.lock-review.json of the tree', () => {
  const withConfiguration = (configuration: unknown): string => {
    const cwd = workplace();
    writeFileSync(join(cwd, 'linux/.lock-review.json'), JSON.stringify(configuration, null, 2));
    return cwd;
  };
  const argv = ['check', '--tree', 'linux', '--format', 'json', 'one.patch'];

  it('sets levels, symbols and contracts; the command line wins', async () => {
    const contract = {
      name: 'pool_enter',
      what: 'function',
      outcomes: [{ when: 'any', effects: [{ op: 'acquire', lock: 'arg0.lock', kind: 'mutex', mode: 'W' }] }],
    };
    const cwd = withConfiguration({
      rules: { 'split-read': 'off', 'lock-leak': 'note' },
      config: { CONFIG_MMU: 'n', CONFIG_SMP: 'y' },
      contracts: [contract],
    });
    const { calls } = await cli([...argv, '--rule', 'lock-leak=warning', '--config', 'MMU=y'], { cwd });
    const { options } = calls[0]!;
    expect(Object.fromEntries(options.ruleLevels)).toEqual({ 'split-read': 'off', 'lock-leak': 'warning' });
    expect(Object.fromEntries(options.configuration)).toEqual({ CONFIG_MMU: 'y', CONFIG_SMP: 'y' });
    expect(options.contracts).toMatchObject([{ name: 'pool_enter', source: '.lock-review.json' }]);
  });

  it.each([
    [{ rule: 'lock-leak' }, []],
    [{ file: 'drivers/demo/pool.c' }, []],
    [{ file: 'drivers/' }, []],
    [{ function: 'pool_get' }, []],
    [{ fingerprint: leak.fingerprint }, []],
    [{ rule: 'lock-leak', function: 'pool_put' }, ['lock-leak']],
    [{ file: 'drivers/demo' }, ['lock-leak']],
  ])('suppresses by %j', async (suppression, left) => {
    const cwd = withConfiguration({ suppressions: [{ ...suppression, reason: 'reviewed by hand' }] });
    const { status, stdout } = await cli(argv, { cwd, patches: { ...sample, findings: [leak], notes: [] } });
    const report = JSON.parse(stdout);
    expect(report.findings.map((finding: { rule: string }) => finding.rule)).toEqual(left);
    expect(report.notes).toEqual(left.length === 0 ? ['.lock-review.json: 1 finding is suppressed'] : []);
    expect(status).toBe(left.length);
  });

  it('tells a suppression that covers nothing in a file that was reviewed whole', async () => {
    const cwd = withConfiguration({ suppressions: [{ file: 'mm/gup.c', reason: 'long ago' }] });
    const whole = await cli(['check', '--tree', 'linux', 'mm/gup.c'], { cwd });
    expect(whole.stdout.replace(/\s+/g, ' ')).toContain(
      '.lock-review.json:3: this suppression covers nothing in mm/gup.c any more',
    );
    expect((await cli(argv, { cwd, patches: clean })).stdout).not.toContain('any more');
  });

  it('names a baseline: a JSON report of before', async () => {
    const cwd = withConfiguration({ baseline: 'baseline.json' });
    const before = await cli(['check', '--format', 'json', '-o', 'linux/baseline.json', 'one.patch'], {
      cwd,
    });
    expect(before.status).toBe(1);
    const { status, stdout } = await cli(argv, { cwd });
    expect(status).toBe(0);
    expect(JSON.parse(stdout).findings).toMatchObject([{ status: 'fixed' }]);
    expect(JSON.parse(stdout).notes).toContain(
      '.lock-review.json: 2 findings are known from the baseline and not reported again',
    );
    const grown = { ...sample, findings: [...sample.findings, { ...outside, fingerprint: 'new' }] };
    expect(JSON.parse((await cli(argv, { cwd, patches: grown })).stdout).findings).toHaveLength(2);
  });

  it('is given a baseline, which needs no tree and goes before the one that the file names', async () => {
    const cwd = withConfiguration({ baseline: 'gone.json' });
    await cli(['check', '--format', 'json', '-o', 'known.json', 'one.patch'], { cwd });
    for (const more of [[], ['--tree', 'linux']]) {
      const { status, stdout } = await cli(
        ['check', '--baseline', 'known.json', '--format', 'json', ...more, 'one.patch'],
        { cwd },
      );
      expect([status, JSON.parse(stdout).findings.length]).toEqual([0, 1]);
    }
    const { status, stderr } = await cli(['check', '--baseline', 'none.json', 'one.patch'], { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain("option '--baseline': 'none.json' cannot be read: there is no such file");
  });

  it('tells what a baseline knows of a file that was reviewed whole and is not there any more', async () => {
    const cwd = withConfiguration({ baseline: 'known.json' });
    const entry = (file: string, fingerprint: string) => ({ file, fingerprint });
    writeFileSync(
      join(cwd, 'linux/known.json'),
      JSON.stringify({ version: 1, findings: [entry('mm/gup.c', 'a'), entry('mm/mmap.c', 'b')] }),
    );
    const { stdout } = await cli(['check', '--format', 'json', '--tree', 'linux', 'mm/gup.c'], { cwd });
    expect(JSON.parse(stdout).notes).toContain(
      'mm/gup.c: 1 finding is in the baseline that this file no longer has: write the baseline anew',
    );
    expect(stdout).not.toContain('mm/mmap.c');
  });

  it.each([
    [
      '{ "rules": { "lock-leak": 7 } }',
      'linux/.lock-review.json:1:27: "rules", "lock-leak": expected one of',
    ],
    ['{ "rules": {}, }', 'linux/.lock-review.json:1:16: expected a name in double quotes, not "}"'],
    [
      '{ "baseline": "gone.json" }',
      'linux/gone.json: the baseline that .lock-review.json names is not there',
    ],
    ['{ "baseline": "Kconfig" }', 'linux/Kconfig:1: expected a value, not the end of the file'],
    ['{ "baseline": "../one.patch" }', 'leads out of the tree'],
  ])('%s is refused before anything is reviewed', async (text, message) => {
    const cwd = workplace();
    writeFileSync(join(cwd, 'linux/.lock-review.json'), text);
    const { status, stdout, stderr, calls } = await cli(argv, { cwd });
    expect(stderr).toContain(message);
    expect([status, stdout, calls]).toEqual([2, '', []]);
  });

  it('that cannot be read, or leads out of the tree, is refused', async () => {
    const cwd = workplace();
    mkdirSync(join(cwd, 'linux/.lock-review.json'));
    expect((await cli(argv, { cwd })).stderr).toContain(
      'linux/.lock-review.json: cannot be read: is a directory',
    );
    const other = workplace();
    writeFileSync(join(other, 'rules.json'), '{}');
    symlinkSync('../rules.json', join(other, 'linux/.lock-review.json'));
    const { status, stderr } = await cli(argv, { cwd: other });
    expect(status).toBe(2);
    expect(stderr).toContain('linux/.lock-review.json: leads out of the tree');
  });
});
