import { writeFileSync } from 'node:fs';
import { format } from 'node:util';

/**
 * Runs mocha inside VS Code's extension host and writes how it ended to LOCK_REVIEW_RESULT: the status of
 * the host's process does not tell a suite that passed from one that never ran.
 * @param define declares the tests, with mocha's `describe` and `it` in place
 */
export async function runMocha(define: () => void): Promise<void> {
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, reporter: 'spec', color: false });
  if (process.env.LOCK_REVIEW_GREP) mocha.grep(process.env.LOCK_REVIEW_GREP);
  // In a web workbench the console's arguments arrive as they are: format them here.
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => console.log(format(...args));
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  define();
  const result = { passed: 0, failed: 0 };
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', () => {
        result.passed++;
      })
      .on('fail', () => {
        result.failed++;
      });
  });
  const file = process.env.LOCK_REVIEW_RESULT;
  if (!file) throw new Error('LOCK_REVIEW_RESULT names no file for the result');
  writeFileSync(file, JSON.stringify(result));
  if (result.failed > 0) throw new Error(`${result.failed} tests failed`);
}
