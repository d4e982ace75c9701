import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTRACTS_OPTIONS, RULES_OPTIONS } from '../../extension/cli/catalogue.ts';
import { CHECK_OPTIONS } from '../../extension/cli/check.ts';
import { HELP, USAGE } from '../../extension/cli/help.ts';
import { MERGE_OPTIONS } from '../../extension/cli/merge.ts';
import { SIMULATE_OPTIONS } from '../../extension/cli/simulate.ts';
import { leak, outside, sample } from '../engine/report/sample.ts';
import { cli, PATCH, temporaryDirectory } from './fake.ts';
import { RULES } from './fake-services.ts';

describe('help and version', () => {
  it.each([['--help'], ['-h'], ['help'], ['help', 'nonsense']])('lock-review %s %s', async (...argv) => {
    expect(await cli(argv.filter(Boolean))).toMatchObject({ status: 0, stdout: USAGE, stderr: '' });
  });

  it.each(Object.keys(HELP))('of %s', async (command) => {
    for (const argv of [
      [command, '--help'],
      [command, '-h'],
      ['help', command],
    ]) {
      expect(await cli(argv)).toMatchObject({ status: 0, stdout: HELP[command], stderr: '' });
    }
    expect(USAGE).toContain(`\n  ${command} `);
  });

  it('fits 80 columns', () => {
    for (const text of [USAGE, ...Object.values(HELP)]) {
      for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });

  it.each([
    ['check', CHECK_OPTIONS],
    ['simulate', SIMULATE_OPTIONS],
    ['rules', RULES_OPTIONS],
    ['contracts', CONTRACTS_OPTIONS],
    ['merge', MERGE_OPTIONS],
  ])('names every option that %s takes', (command, options) => {
    for (const [name, { short }] of Object.entries(options)) {
      if (name === 'help') continue;
      expect(HELP[command]).toMatch(new RegExp(`--${name}\\b`));
      if (short !== undefined) expect(HELP[command]).toContain(`-${short}`);
    }
  });

  it('--version names this one', async () => {
    for (const option of ['--version', '-V']) {
      expect(await cli([option])).toMatchObject({ status: 0, stdout: 'lock-review 1.2.3\n' });
    }
  });
});

describe('rules', () => {
  it('lists them, one a line', async () => {
    const { status, stdout } = await cli(['rules']);
    expect(status).toBe(0);
    expect(stdout).toBe(
      [
        'contract-changed  warning  What contract-changed finds.',
        'double-lock       error    What double-lock finds.',
        'lock-leak         error    What lock-leak finds.',
        'split-read        note     What split-read finds.',
        '',
      ].join('\n'),
    );
  });

  it('explains one', async () => {
    const { stdout } = await cli(['rules', 'lock-leak']);
    expect(stdout).toMatchInlineSnapshot(`
      "lock-leak (error)

      What lock-leak finds.

      Why lock-leak matters.

      What to do: What to do about lock-leak.

      Reported:

          void bad(void)
          {
          }

      Not reported:

          void good(void)
          {
          }

      To suppress one finding, put this on its line:
          /* lock-review: ignore lock-leak */
      To suppress it everywhere, in .lock-review.json:
          { "rules": { "lock-leak": "off" } }

      See also: https://docs.kernel.org/kernel-hacking/locking.html
      "
    `);
  });

  it('as JSON', async () => {
    expect(JSON.parse((await cli(['rules', '--format', 'json'])).stdout)).toHaveLength(RULES.length);
    expect(JSON.parse((await cli(['rules', '--format=json', 'split-read'])).stdout)).toMatchObject({
      id: 'split-read',
      level: 'note',
      what: 'What split-read finds.',
    });
  });
});

describe('contracts', () => {
  it('lists them, one a line, and describes one', async () => {
    const listed = await cli(['contracts']);
    expect(listed.stdout).toMatch(/^pool_lock\(\): .*takes .*lock.*\n$/);
    expect(listed.stdout).not.toContain('pool.h');
    const { stdout } = await cli(['contracts', 'pool_lock']);
    expect(stdout).toContain('source: drivers/demo/pool.h');
    expect(stdout).toContain('Release: the newest');
  });

  it('of the release of a tree', async () => {
    const cwd = temporaryDirectory();
    mkdirSync(join(cwd, 'linux'));
    writeFileSync(join(cwd, 'linux/Makefile'), '6.12');
    expect((await cli(['contracts', '--tree', 'linux', 'pool_lock'], { cwd })).stdout).toContain(
      'Release: of 6.12',
    );
  });
});

describe('contracts --verify', () => {
  const verify = (unexplained: boolean) => {
    const cwd = temporaryDirectory();
    mkdirSync(join(cwd, 'linux'));
    writeFileSync(join(cwd, 'linux/Makefile'), '6.12');
    return cli(['contracts', '--verify', '--tree', 'linux'], { cwd, unexplained });
  };

  it('prints each difference and why it is none', async () => {
    const { status, stdout } = await verify(false);
    expect(status).toBe(0);
    expect(stdout).toBe(
      'pool_lock  drivers/demo/pool.c:7\n' +
        '  contract  takes arg0.lock\n' +
        '  body      leaves every lock as it was\n' +
        '  because   the lock is taken by hardware\n' +
        'Release 6.12: 3 contracts on locks, 1 agree with the body, 1 differ (0 not explained), ' +
        '0 have a body that shows no lock, 1 no body in the tree.\n',
    );
  });

  it('ends with status 1 where one is not explained', async () => {
    const { status, stdout } = await verify(true);
    expect(status).toBe(1);
    expect(stdout).toContain('  not explained\n');
  });

  it('needs a tree, and takes no name', async () => {
    expect((await cli(['contracts', '--verify'])).stderr).toContain('--verify needs a tree');
    const cwd = temporaryDirectory();
    mkdirSync(join(cwd, 'linux'));
    const named = await cli(['contracts', '--verify', '--tree', 'linux', 'pool_lock'], { cwd });
    expect(named.status).toBe(2);
    expect(named.stderr).toContain('it takes no NAME');
  });
});

describe('scenarios', () => {
  it('lists them, one a line', async () => {
    expect((await cli(['scenarios'])).stdout).toBe(
      'pool-drain  a reader of the pool; a writer drains it\npool        one task\n',
    );
    expect(await cli(['scenarios', 'pool'])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('merge', () => {
  it('puts the parts of a sharded run together, in any order', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'one.patch'), PATCH);
    for (const [name, findings] of [
      ['a.sarif', [leak]],
      ['b.sarif', [outside, leak]],
    ] as const) {
      const patches = { ...sample, findings };
      await cli(['check', '--format', 'sarif', '-o', name, 'one.patch'], { cwd, patches });
    }
    const { status, stdout } = await cli(['merge', 'a.sarif', 'b.sarif'], { cwd });
    expect(status).toBe(0);
    expect(JSON.parse(stdout).runs).toHaveLength(1);
    expect(JSON.parse(stdout).runs[0].results.map((result: { ruleId: string }) => result.ruleId)).toEqual([
      'contract-changed',
      'lock-leak',
    ]);
    expect((await cli(['merge', 'b.sarif', 'a.sarif'], { cwd })).stdout).toBe(stdout);
    await cli(['merge', '-o', 'all.sarif', 'b.sarif', 'a.sarif'], { cwd });
    expect(readFileSync(join(cwd, 'all.sarif'), 'utf8')).toBe(stdout);
  });

  it.each([
    ['gone.sarif', null, 'gone.sarif: cannot be read: there is no such file'],
    ['text.sarif', 'hello', 'text.sarif: not JSON'],
    [
      'other.sarif',
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}}}]}',
      'other.sarif: a report of another tool',
    ],
    ['old.sarif', '{"version":"2.0.0","runs":[]}', 'old.sarif: not a SARIF 2.1.0 report'],
    ['null.sarif', 'null', 'null.sarif: not a SARIF 2.1.0 report'],
    ['none.sarif', '{"version":"2.1.0","runs":[]}', 'there is no report to merge'],
    [
      'hurt.sarif',
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"lock-review"}},"results":[7]}]}',
      'hurt.sarif: a damaged report',
    ],
  ])('refuses %s', async (name, text, message) => {
    const cwd = temporaryDirectory();
    if (text !== null) writeFileSync(join(cwd, name), text);
    const { status, stdout, stderr } = await cli(['merge', name], { cwd });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('serve', () => {
  it('starts the language server', async () => {
    let served = 0;
    const serve = async () => {
      served++;
    };
    expect((await cli(['serve', '--stdio'], { services: { serve } })).status).toBe(0);
    expect(served).toBe(1);
  });
});
