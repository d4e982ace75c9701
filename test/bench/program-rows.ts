/** What the built program costs as people start it: activation, the command line, its package. Needs `npm run build`. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { changedTree, seriesOf } from './generated.ts';
import { type Row, runChild } from './row.ts';

const PROGRAM = path.resolve('dist/lock-review.cjs');

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

export function programRows(tree: string | null, wanted: (name: string) => boolean): Row[] {
  if (!existsSync(PROGRAM)) {
    console.error('The built program was not measured: npm run build makes it.');
    return [];
  }
  const rows: Row[] = [];
  if (wanted('activation')) rows.push(activation());
  if (wanted('command line, sample series, cold')) rows.push(coldStart());
  if (wanted('memory for a series of 60 patches')) rows.push(seriesMemory());
  if (wanted('from the cache') && tree !== null) rows.push(...cached(tree));
  if (wanted('package')) rows.push(...packageSize());
  return rows;
}

/** Loading the entry and calling it, in a process of its own: the editor's part is a stand-in that does nothing. */
function activation(): Row {
  const script = `
    const Module = require('node:module');
    const nothing = new Proxy(function () {}, {
      get: (_, key) => (key === Symbol.toPrimitive ? () => '' : key === Symbol.iterator ? function* () {} : nothing),
      getPrototypeOf: () => nothing,
      apply: () => nothing,
      construct: () => nothing,
    });
    const load = Module._load;
    Module._load = (name, ...rest) => (name === 'vscode' ? nothing : load(name, ...rest));
    const started = performance.now();
    require(${JSON.stringify(path.resolve('dist/extension.cjs'))}).activate({ subscriptions: [] });
    process.stdout.write(String(performance.now() - started));
    process.exit(0);`;
  const times = Array.from({ length: 7 }, () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    if (stdout === '') throw new Error(`activation failed: ${stderr}`);
    return Number(stdout);
  });
  return { name: 'activation, its entry loaded and called', value: median(times), unit: 'ms', goal: 20 };
}

function coldStart(): Row {
  const args = [PROGRAM, 'check', 'sample/series.mbox', '--tree', 'sample/tree'];
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    spawnSync(process.execPath, args, { stdio: 'ignore' });
    return performance.now() - started;
  });
  return { name: 'command line, sample series, cold', value: median(times), unit: 'ms', goal: 400 };
}

function seriesMemory(): Row {
  const folder = mkdtempSync(path.join(tmpdir(), 'lock-review-bench-'));
  try {
    for (const [file, text] of changedTree(6_000)) {
      spawnSync('mkdir', ['-p', path.join(folder, 'linux', path.dirname(file))]);
      writeFileSync(path.join(folder, 'linux', file), text);
    }
    // Ten functions of each file: 250 lines in a patch are many.
    const files = seriesOf(6_000)
      .split(/^(?=diff --git)/m)
      .map((diff) =>
        diff
          .split(/^(?=@@)/m)
          .slice(0, 11)
          .join(''),
      );
    const mails = files.map(
      (diff, at) =>
        `From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\nSubject: [PATCH ${at + 1}/${files.length}] mm: part ${at + 1}\n\n---\n${diff}-- \n2.40\n\n`,
    );
    writeFileSync(path.join(folder, 'series.mbox'), mails.join(''));
    const script = `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS)); process.argv = [process.argv[0], ${JSON.stringify(PROGRAM)}, 'check', 'series.mbox', '--tree', 'linux']; require(${JSON.stringify(PROGRAM)});`;
    const { stderr } = spawnSync(process.execPath, ['-e', script], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const peak = Number(/peak (\d+)/.exec(stderr)?.[1]) / 1000;
    return {
      name: `memory for a series of ${files.length} patches, at its peak`,
      value: peak,
      unit: 'MB',
      goal: 300,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A directory of the tree, anew and then from what was kept. */
function cached(tree: string): Row[] {
  const home = mkdtempSync(path.join(tmpdir(), 'lock-review-bench-'));
  try {
    const args = [
      `XDG_CACHE_HOME=${home}`,
      process.execPath,
      PROGRAM,
      'check',
      'fs/proc',
      '--tree',
      tree,
      '--jobs',
      '1',
    ];
    const [first, again] = [1, 2].map(() => runChild('env', args, process.cwd())?.cpu ?? Number.NaN);
    return [
      { name: 'fs/proc/ by the command line', value: first!, unit: 'ms', goal: null },
      { name: 'the same again, from the cache', value: again!, unit: 'ms', goal: first! / 5 },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function packageSize(): Row[] {
  const { version, name } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    version: string;
    name: string;
  };
  const file = path.join('dist/packages', `${name}-${version}.vsix`);
  if (!existsSync(file)) return [];
  return [{ name: 'package', value: statSync(file).size / 1024, unit: 'kB', goal: 2048 }];
}
