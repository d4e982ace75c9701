// `npm run lint:patches` as a person or a pipeline runs it: what it prints and how it ends.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './install.mjs';

const SERIES = 'sample/series.mbox';
const TREE = 'sample/tree';

/** Runs the checks. Returns how many passed and failed, and prints those that failed. */
export function checkLint() {
  const checks = {
    'finds in VS Code what the command line finds': sameFindings,
    'says what it cannot use': problems,
  };
  const result = { passed: 0, failed: 0 };
  for (const [name, check] of Object.entries(checks)) {
    try {
      check();
      console.log(`  ✔ ${name}`);
      result.passed++;
    } catch (error) {
      console.error(`  ✖ ${name}\n`, error);
      result.failed++;
    }
  }
  return result;
}

function sameFindings() {
  // A second file, clean, in the same folder: a folder is read as a whole.
  const folder = mkdtempSync(path.join(tmpdir(), 'lock-review-lint-test-'));
  try {
    writeFileSync(path.join(folder, 'a.mbox'), readFileSync(path.join(ROOT, SERIES)));
    writeFileSync(path.join(folder, 'b.patch'), CLEAN);
    const linted = lint('--tree', TREE, folder);
    assert.equal(linted.status, 1, linted.stdout + linted.stderr);
    const cli = program('check', '--format', 'json', '--tree', TREE, path.join(folder, 'a.mbox'));
    const expected = JSON.parse(cli.stdout).findings.map(
      ({ file, line, inputLine, level, rule, message }) => {
        const at = inputLine === null ? path.join(ROOT, TREE, file) : path.join(folder, 'a.mbox');
        return `${path.relative(ROOT, at)}:${inputLine ?? line}: ${level}: ${message} [${rule}]`;
      },
    );
    const lines = linted.stdout.split('\n').filter((line) => / \[[a-z-]+\]$/.test(line));
    assert.deepEqual(lines.map((line) => line.replace(/^(\S+:\d+):\d+:/, '$1:')).sort(), expected.sort());
    assert.match(linted.stdout, new RegExp(`^2 files, ${expected.length} findings$`, 'm'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function problems() {
  for (const [args, said] of [
    [['none.patch'], "there is no file 'none.patch'"],
    [[], 'expected patches'],
    [['--fail-on', 'all', SERIES], "'all' is not one of"],
    [['scripts'], "there is no patch in 'scripts'"],
  ]) {
    const { status, stderr } = lint(...args);
    assert.equal(status, 2, stderr);
    assert.ok(stderr.includes(said), stderr);
  }
}

const lint = (...args) => run('scripts/lint-patches.mjs', args);
const program = (...args) => run('dist/lock-review.cjs', args);
const run = (file, args) => spawnSync(process.execPath, [file, ...args], { cwd: ROOT, encoding: 'utf8' });

const CLEAN = `diff --git a/mm/area.c b/mm/area.c
--- a/mm/area.c
+++ b/mm/area.c
@@ -1,4 +1,4 @@
 // SPDX-License-Identifier: MIT
-/* Questions about one area of an address space. */
+/* Questions about one area of an address space */
 
 #include <linux/mmap_lock.h>
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { failed } = checkLint();
  process.exitCode = failed === 0 ? 0 : 1;
}
