// Runs the suites of test/client in a real VS Code: node test/host/run.mjs [--screens] [--run NAME] [--grep TEXT]
//
// The host is VS Code's server with a browser (host.mjs) on Linux, and desktop VS Code elsewhere or where
// LOCK_REVIEW_VSCODE says so: `desktop` downloads it, a path names an installed one.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  downloadAndUnzipVSCode,
  resolveCliArgsFromVSCodeExecutablePath,
  runTests,
} from '@vscode/test-electron';
import { build } from 'esbuild';
import { nodeBundle } from '../../esbuild.mjs';
import { stageExtension } from '../../scripts/package/stage.mjs';
import { packAll } from '../../scripts/package.mjs';
import { ensureHost, hasStandIn, ROOT } from './install.mjs';
import { suiteResult } from './results.mjs';
import { writeSettings } from './server.mjs';

const STAND_IN = path.join(ROOT, 'test/host/host.mjs');
const SUITES = path.join(ROOT, '.vscode-test/suites');
/** A suite each, in a VS Code each; `packaged` has the extension installed, the others run the shipped files. */
const RUNS = ['trusted', 'restricted', 'packaged', 'reload'];
/** Real trees and series beside the checkout; what needs them is left out where they are not. */
const SHARED = path.resolve(ROOT, '../shared');
export const SCREENS = path.join(ROOT, '.vscode-test/screens');

/**
 * Builds the extension and its suites, runs each run below in a fresh VS Code, and adds up their results.
 */
export async function runHostSuites({ screens = false, grep, runs = RUNS } = {}) {
  const { vsix } = await packAll();
  const staged = stageExtension().folder;
  rmSync(SUITES, { recursive: true, force: true });
  await build({
    ...nodeBundle,
    entryPoints: Object.fromEntries(RUNS.map((name) => [name, `test/client/${name}.ts`])),
    outdir: SUITES,
    outExtension: { '.js': '.cjs' },
    external: [...nodeBundle.external, 'mocha'],
    sourcemap: 'inline',
  });
  const executable = await findExecutable();
  const total = { passed: 0, failed: 0 };
  for (const name of runs) {
    const result = await runSuite({ name, executable, staged, vsix: vsix.file, screens, grep });
    total.passed += result.passed;
    total.failed += result.failed;
  }
  return total;
}

/** The VS Code to run: the stand-in, or what LOCK_REVIEW_VSCODE says. */
export async function findExecutable() {
  const chosen = process.env.LOCK_REVIEW_VSCODE ?? (hasStandIn() ? '' : 'desktop');
  if (chosen === 'desktop') return downloadAndUnzipVSCode();
  if (chosen !== '') return chosen;
  await ensureHost();
  return STAND_IN;
}

async function runSuite({ name, executable, staged, vsix, screens, grep }) {
  // A workspace of its own: the tests edit files and settings.
  const scratch = mkdtempSync(path.join(tmpdir(), 'lock-review-test-'));
  const workspace = path.join(scratch, 'sample');
  cpSync(path.join(ROOT, 'sample'), workspace, { recursive: true });
  const resultFile = path.join(scratch, 'result.json');
  const env = {
    LOCK_REVIEW_RESULT: resultFile,
    LOCK_REVIEW_GREP: grep ?? '',
    HOST_SCREENS: screens ? SCREENS : '',
    LOCK_REVIEW_SHARED: existsSync(SHARED) ? SHARED : '',
  };
  if (screens) mkdirSync(SCREENS, { recursive: true });
  const userData = path.join(scratch, 'user');
  writeSettings(userData);
  const extensions = path.join(scratch, 'extensions');
  const launchArgs = [workspace, '--user-data-dir', userData, '--extensions-dir', extensions];
  const tests = path.join(SUITES, `${name}.cjs`);
  console.log(`\nVS Code, ${name} workspace:`);
  let failure = null;
  try {
    const extension = name === 'packaged' ? emptyExtension(scratch) : staged;
    if (name === 'packaged') await install(vsix, executable, extensions, scratch);
    if (name !== 'restricted')
      await runTests({
        vscodeExecutablePath: executable,
        extensionDevelopmentPath: extension,
        extensionTestsPath: tests,
        extensionTestsEnv: env,
        launchArgs,
      });
    else
      await runRestricted(
        executable,
        [`--extensionTestsPath=${tests}`, `--extensionDevelopmentPath=${extension}`, ...launchArgs],
        env,
      );
  } catch (error) {
    failure = error;
  }
  const result = suiteResult(resultFile, failure);
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  return result;
}

/** VS Code runs a suite only for an extension under development: one that does nothing. */
export function emptyExtension(scratch) {
  const folder = path.join(scratch, 'empty');
  mkdirSync(folder);
  const manifest = { name: 'empty', publisher: 'test', version: '0.0.1', engines: { vscode: '*' } };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

/** Installs a package into a folder of extensions, as a person's VS Code would. */
export async function install(vsix, executable, extensions, scratch) {
  let command;
  let args;
  if (executable === STAND_IN) {
    const host = await ensureHost();
    command = host.node;
    args = [path.join(host.vscode, 'out/server-main.js'), '--accept-server-license-terms'];
    args.push('--server-data-dir', path.join(scratch, 'server'));
  } else [command, ...args] = resolveCliArgsFromVSCodeExecutablePath(executable);
  args.push('--extensions-dir', extensions, '--install-extension', vsix, '--force');
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`VS Code did not install ${vsix}:\n${stdout}${stderr}`);
}

/** `runTests` always switches workspace trust off; Restricted Mode needs it on. */
function runRestricted(executable, own, env) {
  const args = [
    ...[
      '--no-sandbox',
      '--disable-gpu-sandbox',
      '--disable-updates',
      '--skip-welcome',
      '--skip-release-notes',
    ],
    ...own,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(executable, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`VS Code ended with status ${code}`)),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const grep = process.argv.indexOf('--grep');
  const run = process.argv.indexOf('--run');
  const { passed, failed } = await runHostSuites({
    screens: process.argv.includes('--screens'),
    grep: grep < 0 ? undefined : process.argv[grep + 1],
    runs: run < 0 ? undefined : [process.argv[run + 1]],
  });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
