// How a suite ended, from the file that it was to write: an exit status alone lies. A suite that never ran,
// one that ran no test, and a runner that failed though every test passed count as one failure each.
import { existsSync, readFileSync } from 'node:fs';

/**
 * The result of a suite inside VS Code, `{ passed, failed }`.
 * @param failure what the runner threw, or null
 */
export function suiteResult(file, failure) {
  const result = readJson(file);
  if (!result) return broken(`the suite wrote no result${failure ? `: ${failure.message}` : ''}`);
  return checked(result.passed, result.failed, failure?.message ?? null);
}

/**
 * The result of vitest, from its JSON report.
 * @param status vitest's exit status
 */
export function vitestResult(file, status) {
  const report = readJson(file);
  if (!report) return broken('vitest wrote no result');
  // A file that cannot be loaded has no failed test, yet it failed. A test that is left out says why by its
  // name (what it needs is not here), so it counts as neither.
  const unloaded = report.testResults.filter(
    (one) => one.status === 'failed' && !one.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failure = status === 0 ? null : `vitest ended with status ${status}`;
  return checked(report.numPassedTests, report.numFailedTests + unloaded, failure);
}

function checked(passed, failed, failure) {
  if (failed > 0) return { passed, failed };
  if (passed === 0) return broken('no test was run');
  return failure === null
    ? { passed, failed }
    : { ...broken(`all tests passed, and yet: ${failure}`), passed };
}

function broken(message) {
  console.error(message);
  return { passed: 0, failed: 1 };
}

function readJson(file) {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Cut short by a crash: as good as not written.
    return null;
  }
}
