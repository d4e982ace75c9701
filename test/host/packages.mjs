// The packages: what is in them, that the same sources give the same bytes, and the command line's npm package
// installed into an empty folder and used. (The suite `packaged` in VS Code does the same with the .vsix.)
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createProtocolConnection,
  ExitNotification,
  InitializeRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { packagesOf } from '../../scripts/package/notices.mjs';
import { ROOT } from '../../scripts/package/stage.mjs';
import { LARGEST_PACKAGE, packAll } from '../../scripts/package.mjs';

const at = (file) => path.join(ROOT, file);
/** All that a package may contain; a file of another kind is shipped on purpose or not at all. */
const ALLOWED = [
  /^dist\/[a-z-]+\.(?:cjs|wasm)$/,
  /^dist\/browser\/(?:extension\.cjs|server\.js)$/,
  /^dist\/rules\/[a-z-]+\.md$/,
  /^dist\/media\/[\w/-]+\.(?:js|css|ttf|svg)$/,
  /^dist\/(?:lock-review\.schema\.json|THIRD-PARTY-NOTICES\.txt)$/,
  /^sample\/(?:series\.mbox|tree\/.*(?:\.[ch]|Kconfig|Makefile))$/,
  /^media\/(?:icon\.png|view\.svg|readme\/[a-z]+\.png|walkthrough\/[\w-]+\.(?:svg|md))$/,
  /^l10n\/bundle\.l10n\.json$/,
  /^(?:package(?:\.nls)?\.json|(?:README|ARCHITECTURE|CHANGELOG)\.md|LICENSE)$/,
];

/** Runs the checks. Returns how many passed and failed, and prints those that failed. */
export async function checkPackages() {
  const scratch = mkdtempSync(path.join(tmpdir(), 'lock-review-packages-'));
  const first = await packAll();
  const checks = {
    'are the same bytes when packed again, elsewhere on the clock, under another umask': () =>
      isReproducible(first, path.join(scratch, 'again')),
    'are small': () => {
      for (const { size } of Object.values(first)) assert.ok(size < LARGEST_PACKAGE, `${size} bytes`);
    },
    'contain nothing but what is allowed': () => {
      for (const { files } of Object.values(first))
        for (const file of files)
          assert.ok(
            ALLOWED.some((one) => one.test(file)),
            file,
          );
    },
    'say under which licence every bundled package is': namesEveryLicence,
    'give a command line that works where nothing else is installed': () =>
      installedCommandLine(first.tarball.file, path.join(scratch, 'installed')),
  };
  const result = { passed: 0, failed: 0 };
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      result.passed++;
    } catch (error) {
      console.error(`packages ${name}:`, error);
      result.failed++;
    }
  }
  for (const { file, size } of Object.values(first))
    console.log(`${path.basename(file)}: ${Math.ceil(size / 1024)} kB`);
  rmSync(scratch, { recursive: true, force: true });
  return result;
}

function isReproducible(first, outdir) {
  const script = `import { packAll } from './scripts/package.mjs';
    process.umask(0o077);
    console.log(JSON.stringify(await packAll(${JSON.stringify(outdir)})));`;
  const printed = run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: ROOT,
    env: { ...process.env, TZ: 'Pacific/Chatham' },
  });
  const again = JSON.parse(printed);
  for (const [kind, { digest }] of Object.entries(first)) assert.equal(again[kind].digest, digest, kind);
}

function namesEveryLicence() {
  const { inputs } = JSON.parse(readFileSync(path.join(ROOT, 'dist/meta.json'), 'utf8'));
  const notices = readFileSync(path.join(ROOT, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
  const bundled = packagesOf(Object.keys(inputs));
  assert.ok(bundled.length > 0);
  for (const name of [...bundled, 'tree-sitter-c'])
    assert.match(notices, new RegExp(`^${name} \\d[^]*?^(?:Licence: |.*Permission is hereby)`, 'm'));
}

async function installedCommandLine(tarball, folder) {
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball], {
    cwd: folder,
  });
  const program = path.join(folder, 'node_modules/.bin/lock-review');
  const check = ['check', at('sample/series.mbox'), '--tree', at('sample/tree')];
  const here = run(process.execPath, [at('dist/lock-review.cjs'), ...check], { cwd: ROOT, status: 1 });
  assert.match(here, /null-lock-argument/);
  assert.equal(run(program, check, { cwd: folder, status: 1 }), here);
  await serves(program, folder);
}

async function serves(program, cwd) {
  const server = spawn(program, ['serve', '--stdio'], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  connection.listen();
  const hello = { processId: process.pid, rootUri: null, capabilities: {} };
  const { serverInfo } = await connection.sendRequest(InitializeRequest.type, hello);
  assert.equal(serverInfo?.name, 'lock-review');
  await connection.sendRequest(ShutdownRequest.type);
  await connection.sendNotification(ExitNotification.type);
  assert.deepEqual(await ended, [0, null]);
  connection.dispose();
}

/** The standard output of a program that must end with `status`. */
function run(command, args, { status = 0, ...options }) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (result.error) throw result.error;
  assert.equal(result.status, status, `${command} ${args.join(' ')}:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await checkPackages();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
