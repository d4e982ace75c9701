import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
// @ts-expect-error a script, without types
import { suiteResult, vitestResult } from '../host/results.mjs';
import { scratchFolder } from './scratch.ts';

const fileWith = (text: string) => path.join(scratchFolder({ 'result.json': text }), 'result.json');
const report = (passed: number, failed: number, testResults: object[] = []) =>
  fileWith(JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults }));

describe('the result of a suite', () => {
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
  });

  it('in VS Code is what it wrote', () => {
    expect(suiteResult(fileWith('{ "passed": 3, "failed": 0 }'), null)).toEqual({ passed: 3, failed: 0 });
    expect(suiteResult(fileWith('{ "passed": 3, "failed": 2 }'), new Error('x'))).toEqual({
      passed: 3,
      failed: 2,
    });
  });
  it('in VS Code is a failure when it never ran, was cut short, or ran nothing', () => {
    expect(suiteResult('/does/not/exist', null)).toEqual({ passed: 0, failed: 1 });
    expect(suiteResult(fileWith('{ "passed": 3, "fa'), null)).toEqual({ passed: 0, failed: 1 });
    expect(suiteResult(fileWith('{ "passed": 0, "failed": 0 }'), null)).toEqual({ passed: 0, failed: 1 });
  });
  it('in VS Code is a failure when the editor failed after it', () => {
    expect(suiteResult(fileWith('{ "passed": 3, "failed": 0 }'), new Error('x'))).toEqual({
      passed: 3,
      failed: 1,
    });
  });
  it('of vitest is what it reports', () => {
    expect(vitestResult(report(5, 0), 0)).toEqual({ passed: 5, failed: 0 });
    expect(
      vitestResult(report(5, 1, [{ status: 'failed', assertionResults: [{ status: 'failed' }] }]), 1),
    ).toEqual({
      passed: 5,
      failed: 1,
    });
  });
  it('of vitest counts a file that could not be loaded', () => {
    expect(vitestResult(report(5, 0, [{ status: 'failed', assertionResults: [] }]), 1)).toEqual({
      passed: 5,
      failed: 1,
    });
  });
  it('of vitest is a failure when nothing ran, or it failed for another reason', () => {
    expect(vitestResult(report(0, 0), 0)).toEqual({ passed: 0, failed: 1 });
    expect(vitestResult(report(5, 0), 1)).toEqual({ passed: 5, failed: 1 });
    expect(vitestResult('/does/not/exist', 0)).toEqual({ passed: 0, failed: 1 });
  });
});
