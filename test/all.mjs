// npm test: everything that says whether the project is sound. Each suite reports how many of its tests
// passed and failed; the last line is the sum. A suite that did not run counts as one failure.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkLint } from './host/lint.mjs';
import { checkPackages } from './host/packages.mjs';
import { vitestResult } from './host/results.mjs';
import { runHostSuites } from './host/run.mjs';
import { runWebSuite } from './host/web.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const VITEST_RESULT = path.join(ROOT, '.vscode-test/vitest.json');
const bin = (name) => path.join(ROOT, 'node_modules/.bin', name);

const SUITES = [
  ['types', () => program(bin('tsc'), ['--noEmit'])],
  ['types of the panel', () => program(bin('tsc'), ['--noEmit', '--project', 'media'])],
  ['style', () => program(bin('biome'), ['check', '.'])],
  ['packages', checkPackages],
  ['unit tests', vitest],
  ['VS Code', runHostSuites],
  ['lint:patches', checkLint],
  ['VS Code for the Web', runWebSuite],
];

const results = [];
for (const [name, run] of SUITES) {
  console.log(`\n=== ${name}`);
  try {
    results.push({ name, ...(await run()) });
  } catch (error) {
    console.error(error);
    results.push({ name, passed: 0, failed: 1 });
  }
}
console.log('');
for (const { name, passed, failed } of results) console.log(`${name}: ${passed} passed, ${failed} failed`);
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') === 0 ? 0 : 1;

/** A program that passes or fails as a whole. */
async function program(file, args) {
  const status = await run(file, args);
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function vitest() {
  rmSync(VITEST_RESULT, { force: true });
  mkdirSync(path.dirname(VITEST_RESULT), { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_RESULT}`];
  const status = await run(bin('vitest'), ['run', ...reporters]);
  return vitestResult(VITEST_RESULT, status);
}

function run(file, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: ROOT, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
