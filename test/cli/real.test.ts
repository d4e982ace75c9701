import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Log } from 'sarif';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonFinding, JsonReport } from '../../engine/report/index.ts';
// @ts-expect-error a build script, without types
import { nodeBundle } from '../../esbuild.mjs';
import { sarifErrors } from '../engine/report/sarif-schema.ts';
import { temporaryDirectory } from './fake.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const outdir = path.join(ROOT, '.vscode-test/cli/real');
const program = path.join(outdir, 'lock-review.cjs');
const TREE = path.join(ROOT, 'sample/tree');
const SERIES = path.join(ROOT, 'sample/series.mbox');

beforeAll(async () => {
  await build({
    ...nodeBundle,
    entryPoints: { 'lock-review': 'extension/cli/main.ts', server: 'extension/server/main.ts' },
    outdir,
    outExtension: { '.js': '.cjs' },
  });
  for (const wasm of ['web-tree-sitter/web-tree-sitter.wasm', 'tree-sitter-c/tree-sitter-c.wasm']) {
    copyFileSync(path.join(ROOT, 'node_modules', wasm), path.join(outdir, path.basename(wasm)));
  }
});

const run = (args: readonly string[], options: { cwd?: string; input?: string; cache?: string } = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: options.cwd ?? temporaryDirectory(),
    input: options.input ?? '',
    env: { ...process.env, ...(options.cache === undefined ? {} : { XDG_CACHE_HOME: options.cache }) },
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  return { status, stdout, stderr };
};

const json = (args: readonly string[], options: { cwd?: string; input?: string } = {}): JsonReport => {
  const { stdout, stderr } = run(['check', '--format', 'json', ...args], options);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
};
const keys = (findings: readonly JsonFinding[]) =>
  findings.map(({ rule, file, line, status }) => `${status} ${file}:${line} ${rule}`).sort();

describe('the command line with the engine', () => {
  const report = () => json(['--tree', TREE, SERIES]);

  it('simulates a C file that lies in no tree, however it is named', () => {
    const cwd = temporaryDirectory();
    mkdirSync(path.join(cwd, 'inner'));
    const text = 'int area_mark(struct vm_area_struct *vma)\n{\n\treturn vma_start_write_killable(vma);\n}\n';
    writeFileSync(path.join(cwd, 'area.c'), text);
    const reports = [path.join(cwd, 'area.c'), '../area.c'].map((name) =>
      run(
        ['simulate', name, '--function', 'area_mark', '--scenario', 'write-killed', '--depth', 'contract'],
        {
          cwd: path.join(cwd, 'inner'),
        },
      ),
    );
    for (const { status, stdout, stderr } of reports) {
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('roles: write is area_mark()');
    }
  });

  it('finds what the sample was made for', () => {
    const { status, stdout } = run(['check', '--format', 'json', '--tree', TREE, SERIES]);
    expect(status).toBe(1);
    const { findings, stats }: JsonReport = JSON.parse(stdout);
    expect(
      findings.filter((finding) => finding.level === 'error' && finding.status === 'introduced'),
    ).not.toEqual([]);
    expect(stats.functions).toBeGreaterThan(0);
    // Lines of the input are those of the file that was given.
    const lines = readFileSync(SERIES, 'utf8').split('\n');
    const shown = findings.filter((finding) => finding.inputLine !== null && finding.status === 'introduced');
    expect(shown).not.toEqual([]);
    for (const finding of shown) expect(lines[finding.inputLine! - 1]).toMatch(/^[ +]/);
  });

  it('gives the same bytes each time, but for the time it took', () => {
    const args = ['check', '--all', '--tree', TREE, SERIES];
    for (const format of ['text', 'sarif']) {
      expect(run([...args, '--format', format]).stdout, format).toBe(
        run([...args, '--format', format]).stdout,
      );
    }
  });

  it('reports the same findings in every format', () => {
    const { findings } = report();
    const log: Log = JSON.parse(run(['check', '--format', 'sarif', '--tree', TREE, SERIES]).stdout);
    expect(sarifErrors(log)).toEqual([]);
    const inSarif = log.runs[0]!.results!.map((result) => {
      const place = result.locations![0]!.physicalLocation!;
      return `${result.properties!.status} ${place.artifactLocation!.uri}:${place.region!.startLine} ${result.ruleId}`;
    });
    expect(inSarif.sort()).toEqual(keys(findings.filter((finding) => finding.status !== 'fixed')));
    const introduced = findings.filter((finding) => finding.status === 'introduced');
    const text = run(['check', '--tree', TREE, SERIES]).stdout;
    const github = run(['check', '--format', 'github', '--tree', TREE, SERIES]).stdout;
    const reply = run(['check', '--format', 'reply', '--tree', TREE, SERIES]).stdout;
    for (const { file, line, column, rule, level } of introduced) {
      expect(text).toContain(`${file}:${line}:${column}: ${level}[${rule}]`);
      expect(github).toContain(`title=${rule}::${file}:${line}: `);
      expect(reply.replace(/\s+/g, ' ')).toContain(`(${level}: ${rule})`);
    }
  });

  it('reads standard input as it reads the file', () => {
    const piped = json(['--tree', TREE, '-'], { input: readFileSync(SERIES, 'utf8') });
    expect(piped.findings).toEqual(report().findings);
  });

  it('reviews the files of a series as it reviews the mailbox', () => {
    const cwd = temporaryDirectory();
    const parts = readFileSync(SERIES, 'utf8')
      .split(/^(?=From [0-9a-f]{40} )/m)
      .filter(Boolean);
    expect(parts.length).toBeGreaterThan(1);
    const names = parts.map((part, at) => {
      writeFileSync(path.join(cwd, `${at}.patch`), part);
      return `${at}.patch`;
    });
    const { findings } = json(['--tree', TREE, ...names], { cwd });
    expect(keys(findings)).toEqual(keys(report().findings));
    for (const finding of findings) {
      if (finding.inputLine === null || finding.status === 'fixed') continue;
      expect(parts.some((part) => /^[ +]/.test(part.split('\n')[finding.inputLine! - 1] ?? ''))).toBe(true);
    }
  });

  it('reviews hunks without a tree, and says what could not be checked', () => {
    const { notes } = json([SERIES]);
    expect(notes.join('\n')).toContain('without a tree');
  });

  it('reviews files and directories of the tree', () => {
    const folder = json(['--tree', TREE, '.'], { cwd: TREE });
    expect(folder.stats.files).toBeGreaterThan(1);
    const halves = [1, 2].map((part) => json(['--tree', TREE, '--shard', `${part}/2`, '.'], { cwd: TREE }));
    expect(halves.reduce((sum, half) => sum + half.stats.files, 0)).toBe(folder.stats.files);
    expect(keys(halves.flatMap((half) => half.findings))).toEqual(keys(folder.findings));
  });

  it('reviews many files the same on one thread and on three, anew and from its cache', () => {
    const cwd = temporaryDirectory();
    mkdirSync(path.join(cwd, 'linux/drivers'), { recursive: true });
    for (let at = 0; at < 120; at++) {
      const unlock = at % 10 === 0 ? '' : '\t\tmutex_unlock(&p->lock);\n';
      writeFileSync(
        path.join(cwd, `linux/drivers/d${at}.c`),
        `int get${at}(struct p *p)\n{\n\tmutex_lock(&p->lock);\n\tif (p->x) {\n${unlock}\t\treturn -EIO;\n\t}\n\tmutex_unlock(&p->lock);\n\treturn 0;\n}\n`,
      );
    }
    const cache = path.join(cwd, 'cache');
    const report = (...more: string[]) => {
      const args = ['--tree', 'linux', ...more, 'linux/drivers'];
      const text = run(['check', '--format', 'json', ...args], { cwd, cache }).stdout;
      return text.replace(/"milliseconds": \d+/, '"milliseconds": 0');
    };
    const one = report('--jobs', '1', '--no-cache');
    const { findings, stats }: JsonReport = JSON.parse(one);
    expect(findings).toHaveLength(12);
    expect(stats.files).toBe(120);
    expect(report('--jobs', '3', '--no-cache')).toBe(one);
    expect(existsSync(cache)).toBe(false);
    for (const jobs of ['3', '1', '3']) expect(report('--jobs', jobs)).toBe(one);
    expect(existsSync(path.join(cache, 'lock-review'))).toBe(true);
    writeFileSync(path.join(cwd, 'linux/drivers/d7.c'), '');
    expect(report()).toBe(report('--no-cache'));
    expect(report()).not.toBe(one);
  });

  it('finds a leak in a file by itself', () => {
    const cwd = temporaryDirectory();
    writeFileSync(
      path.join(cwd, 'pool.c'),
      [
        'int pool_get(struct pool *pool, int id)',
        '{',
        '\tmutex_lock(&pool->lock);',
        '\tif (!pool->ready)',
        '\t\treturn -EAGAIN;',
        '\tif (id < 0) {',
        '\t\tmutex_unlock(&pool->lock);',
        '\t\treturn -EINVAL;',
        '\t}',
        '\tpool->count++;',
        '\tmutex_unlock(&pool->lock);',
        '\treturn 0;',
        '}',
        '',
      ].join('\n'),
    );
    const { findings } = json(['pool.c'], { cwd });
    expect(findings).toMatchObject([
      {
        rule: 'lock-leak',
        level: 'error',
        file: 'pool.c',
        line: 5,
        function: 'pool_get',
        status: 'introduced',
      },
    ]);
    expect(run(['check', 'pool.c'], { cwd }).status).toBe(1);
    expect(run(['check', '--rule', 'lock-leak=off', 'pool.c'], { cwd }).status).toBe(0);
    expect(json(['--rule', 'lock-leak=note', 'pool.c'], { cwd }).findings[0]!.level).toBe('note');
  });

  it('takes contracts from the configuration file', () => {
    const cwd = temporaryDirectory();
    mkdirSync(path.join(cwd, 'linux'));
    writeFileSync(
      path.join(cwd, 'linux/pool.c'),
      'int pool_put(struct pool *pool)\n{\n\tpool_enter(pool);\n\tif (pool->busy)\n\t\treturn -EBUSY;\n\tpool_leave(pool);\n\treturn 0;\n}\n',
    );
    const row = (name: string, op: string) => ({
      name,
      what: 'function',
      outcomes: [{ when: 'any', effects: [{ op, lock: 'arg0.lock', kind: 'mutex', mode: 'W' }] }],
    });
    const without = json(['--tree', 'linux', 'pool.c'], { cwd });
    expect(without.findings).toEqual([]);
    const contracts = [row('pool_enter', 'acquire'), row('pool_leave', 'release')];
    writeFileSync(path.join(cwd, 'linux/.lock-review.json'), JSON.stringify({ contracts }));
    expect(json(['--tree', 'linux', 'pool.c'], { cwd }).findings).toMatchObject([
      { line: 5, function: 'pool_put' },
    ]);
  });

  it('tells what it could not use of a patch, and checks the rest', () => {
    const cwd = temporaryDirectory();
    mkdirSync(path.join(cwd, 'linux/mm'), { recursive: true });
    const before = [
      'int f(struct s *p)',
      '{',
      '\tmutex_lock(&p->m);',
      '\tp->x++;',
      '\tmutex_unlock(&p->m);',
      '\treturn 0;',
      '}',
      '',
    ];
    writeFileSync(path.join(cwd, 'linux/mm/a.c'), before.join('\n'));
    const good = [
      '@@ -3,4 +3,5 @@',
      ' \tmutex_lock(&p->m);',
      ' \tp->x++;',
      '+\tmutex_lock(&p->m);',
      ' \tmutex_unlock(&p->m);',
      ' \treturn 0;',
    ];
    const head = ['--- a/mm/a.c', '+++ b/mm/a.c'];
    const inputs: Record<
      string,
      { readonly lines: readonly string[]; readonly note: RegExp; readonly errors: number }
    > = {
      'climbs.patch': {
        lines: [
          '--- a/../../etc/passwd',
          '+++ b/../../etc/passwd',
          '@@ -1 +1,2 @@',
          ' root',
          '+evil',
          'diff --git a/mm/a.c b/mm/a.c',
          ...head,
          ...good,
        ],
        note: /^climbs\.patch:1: .*\.\.\/\.\.\/etc\/passwd/,
        errors: 1,
      },
      'nowhere.patch': {
        lines: [...head, ...good, '@@ -90,3 +91,2 @@', ' \tthis();', '-\tis();', ' \tnowhere();'],
        note: /^nowhere\.patch:9: .*mm\/a\.c/,
        errors: 1,
      },
      'cut.patch': { lines: [...head, ...good.slice(0, -1)], note: /^cut\.patch:3: /, errors: 1 },
      'image.patch': {
        lines: [
          'diff --git a/logo.png b/logo.png',
          'index 1111111..2222222 100644',
          'Binary files a/logo.png and b/logo.png differ',
          'diff --git a/mm/a.c b/mm/a.c',
          ...head,
          ...good,
        ],
        note: /./,
        errors: 1,
      },
    };
    for (const [name, { lines, note, errors }] of Object.entries(inputs)) {
      writeFileSync(path.join(cwd, name), `${lines.join('\n')}\n`);
      const { findings, notes } = json(['--tree', 'linux', name], { cwd });
      expect(
        notes.some((one) => note.test(one)),
        `${name}: ${notes.join('; ')}`,
      ).toBe(true);
      const found = findings.filter((finding) => finding.rule === 'double-lock');
      expect(found, name).toHaveLength(errors);
      expect(lines[found[0]!.inputLine! - 1]).toBe('+\tmutex_lock(&p->m);');
      expect(run(['check', '--tree', 'linux', name], { cwd }).status).toBe(1);
    }
  });

  it('knows its rules and contracts', () => {
    const rules = run(['rules']).stdout.trimEnd().split('\n');
    expect(rules.length).toBeGreaterThan(5);
    const pages = JSON.parse(run(['rules', '--format', 'json']).stdout) as Record<string, string>[];
    expect(pages.map((page) => page.id)).toEqual(rules.map((rule) => rule.split(' ')[0]));
    for (const page of pages)
      for (const part of ['what', 'why', 'advice', 'bad', 'good']) expect(page[part]).not.toBe('');
    expect(run(['rules', 'lock-leak']).stdout).toMatch(/^lock-leak \(error\)\n[\s\S]*\nReported:\n/);
    expect(run(['contracts']).stdout).toMatch(/^mmap_read_lock\(\).*mmap_lock/m);
    expect(run(['contracts', 'mmap_read_lock']).stdout).toContain('source: ');
    expect(run(['contracts', '--tree', TREE, 'mmap_read_lock']).status).toBe(0);
  });

  it('simulates a function against the tasks of a scenario', () => {
    const scenarios = run(['scenarios']).stdout.trimEnd().split('\n');
    expect(scenarios.map((line) => line.split(' ')[0])).toContain('lookup-miss');
    const cwd = temporaryDirectory();
    mkdirSync(path.join(cwd, 'linux/mm'), { recursive: true });
    const lookup = (test: string) =>
      `struct vm_area_struct *find_it(struct mm_struct *mm, unsigned long addr)\n{\n\tstruct vm_area_struct *vma;\n\n\tmmap_read_lock(mm);\n\tvma = vma_lookup(mm, addr);\n\tif (${test}!vma_start_read_locked(vma))\n\t\tvma = NULL;\n\tmmap_read_unlock(mm);\n\treturn vma;\n}\n`;
    const simulated = (test: string) => {
      writeFileSync(path.join(cwd, 'linux/mm/find.c'), lookup(test));
      const args = [
        'simulate',
        '--tree',
        'linux',
        '--scenario',
        'lookup-miss',
        '--function',
        'find_it',
        'mm/find.c',
      ];
      const { status, stdout, stderr } = run([...args, '--format', 'json'], { cwd });
      expect(stderr).toBe('');
      return { status, args, result: JSON.parse(stdout) };
    };
    expect(simulated('vma && ')).toMatchObject({ status: 0, result: { verdict: 'holds' } });
    const { status, args, result } = simulated('');
    expect([status, result.verdict]).toEqual([1, 'violated']);
    expect(result.trace.violation.kind).toBe('null-dereference');
    const replayed = run([...args, '--schedule', result.trace.schedule], { cwd });
    expect([replayed.status, replayed.stdout.includes(result.trace.violation.message)]).toEqual([1, true]);
  });

  it('serves the language server', async () => {
    const child = spawn(process.execPath, [program, 'serve', '--stdio']);
    const send = (message: object) => {
      const text = JSON.stringify({ jsonrpc: '2.0', ...message });
      child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    };
    const answer = new Promise<string>((resolve) => {
      let said = '';
      child.stdout.on('data', (chunk) => {
        said += chunk;
        if (said.includes('serverInfo')) resolve(said);
      });
    });
    send({ id: 1, method: 'initialize', params: { processId: null, rootUri: null, capabilities: {} } });
    expect(await answer).toContain('"name":"lock-review"');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    send({ id: 2, method: 'shutdown' });
    send({ method: 'exit' });
    expect(await ended).toBe(0);
  });
});
