// Runs the suites of test/client in a real VS Code: node test/host/run.mjs [--screens] [--grep TEXT]
//
// The host is VS Code's server with a browser (host.mjs) on Linux, and desktop VS Code elsewhere or where
// LOCK_REVIEW_VSCODE says so: `desktop` downloads it, a path names an installed one.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { buildAll, nodeBundle } from '../../esbuild.mjs';
import { ensureHost, hasStandIn, ROOT } from './install.mjs';
import { suiteResult } from './results.mjs';
import { writeSettings } from './server.mjs';
import { stageExtension } from './stage.mjs';

const SUITES = path.join(ROOT, '.vscode-test/suites');
export const SCREENS = path.join(ROOT, '.vscode-test/screens');

/**
 * Builds the extension and its suites, runs each run below in a fresh VS Code, and adds up their results.
 */
export async function runHostSuites({ screens = false, grep } = {}) {
  await buildAll({ minify: true });
  const extension = stageExtension().folder;
  rmSync(SUITES, { recursive: true, force: true });
  await build({
    ...nodeBundle,
    entryPoints: { trusted: 'test/client/trusted.ts', restricted: 'test/client/restricted.ts' },
    outdir: SUITES,
    outExtension: { '.js': '.cjs' },
    external: [...nodeBundle.external, 'mocha'],
    sourcemap: 'inline',
  });
  const executable = await findExecutable();
  const total = { passed: 0, failed: 0 };
  for (const name of ['trusted', 'restricted']) {
    const result = await runSuite({ name, executable, extension, screens, grep });
    total.passed += result.passed;
    total.failed += result.failed;
  }
  return total;
}

async function findExecutable() {
  const chosen = process.env.LOCK_REVIEW_VSCODE ?? (hasStandIn() ? '' : 'desktop');
  if (chosen === 'desktop') return downloadAndUnzipVSCode();
  if (chosen !== '') return chosen;
  await ensureHost();
  return path.join(ROOT, 'test/host/host.mjs');
}

async function runSuite({ name, executable, extension, screens, grep }) {
  // A workspace of its own: the tests edit files and settings.
  const scratch = mkdtempSync(path.join(tmpdir(), 'lock-review-test-'));
  const workspace = path.join(scratch, 'sample');
  cpSync(path.join(ROOT, 'sample'), workspace, { recursive: true });
  const resultFile = path.join(scratch, 'result.json');
  const env = {
    LOCK_REVIEW_RESULT: resultFile,
    LOCK_REVIEW_GREP: grep ?? '',
    HOST_SCREENS: screens ? SCREENS : '',
  };
  if (screens) mkdirSync(SCREENS, { recursive: true });
  const userData = path.join(scratch, 'user');
  writeSettings(userData);
  const launchArgs = [
    workspace,
    ...['--user-data-dir', userData, '--extensions-dir', path.join(scratch, 'extensions')],
  ];
  const tests = path.join(SUITES, `${name}.cjs`);
  console.log(`\nVS Code, ${name} workspace:`);
  let failure = null;
  try {
    if (name === 'trusted')
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
  const { passed, failed } = await runHostSuites({
    screens: process.argv.includes('--screens'),
    grep: grep < 0 ? undefined : process.argv[grep + 1],
  });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
