/** Each limit, when hit, is said; what lies within it is still read. */
import { describe, expect, it } from 'vitest';
import {
  MAX_FILES,
  MAX_HUNKS,
  MAX_INPUT_LENGTH,
  MAX_LINE_LENGTH,
  MAX_LINES,
  MAX_MESSAGES,
  MAX_MIME_PARTS,
  MAX_PROBLEMS,
  parseSeries,
} from '../../../engine/patch/index.ts';

const HEAD = '--- a/x.c\n+++ b/x.c\n';

describe('limits', () => {
  it('the length of the input', async () => {
    const { value, problems } = await parseSeries(
      `${HEAD}@@ -1 +1 @@\n-a\n+b\n\n${' '.repeat(MAX_INPUT_LENGTH)}`,
    );
    expect(value.patches).toHaveLength(1);
    expect(problems.map((problem) => problem.message).join()).toContain(
      `longer than ${MAX_INPUT_LENGTH} characters`,
    );
  });

  it('the number of lines', async () => {
    const { value, problems } = await parseSeries(`${HEAD}@@ -1 +1 @@\n-a\n+b\n${'\n'.repeat(MAX_LINES)}`);
    expect(value.patches).toHaveLength(1);
    expect(problems).toEqual([
      { line: MAX_LINES, message: expect.stringContaining(`more than ${MAX_LINES} lines`) },
    ]);
  });

  it('the length of a line', async () => {
    const { value, problems } = await parseSeries(
      `${HEAD}@@ -1 +1 @@\n-a\n+${'b'.repeat(MAX_LINE_LENGTH)}\n`,
    );
    expect(value.patches[0]!.files[0]!.hunks[0]!.lines[1]!.text).toHaveLength(MAX_LINE_LENGTH - 1);
    expect(problems).toEqual([{ line: 5, message: expect.stringContaining('was cut') }]);
  });

  it('the number of hunks', async () => {
    const { value, problems } = await parseSeries(HEAD + '@@ -1 +1 @@\n-a\n+b\n'.repeat(MAX_HUNKS + 5));
    expect(value.patches[0]!.files[0]!.hunks).toHaveLength(MAX_HUNKS);
    expect(problems).toEqual([
      { line: 3 + 3 * MAX_HUNKS, message: expect.stringContaining('too many hunks') },
    ]);
  });

  it('the number of files', async () => {
    const { value, problems } = await parseSeries(`${HEAD}@@ -1 +1 @@\n-a\n+b\n`.repeat(MAX_FILES + 5));
    expect(value.patches[0]!.files).toHaveLength(MAX_FILES);
    expect(problems).toEqual([
      { line: 1 + 5 * MAX_FILES, message: expect.stringContaining('too many files') },
    ]);
  });

  it('the number of messages', async () => {
    const mail = `From a@b Mon Jan  1 00:00:00 2024\nFrom: a\nSubject: [PATCH] x\n\n${HEAD}@@ -1 +1 @@\n-a\n+b\n\n`;
    const { value, problems } = await parseSeries(mail.repeat(MAX_MESSAGES + 5));
    expect(value.patches).toHaveLength(1);
    expect(problems).toEqual([
      { line: expect.any(Number), message: expect.stringContaining(`more than ${MAX_MESSAGES} messages`) },
    ]);
  });

  it('the number and depth of MIME parts', async () => {
    const parts = '--x\n\nhello\n'.repeat(MAX_MIME_PARTS + 5);
    const wide = await parseSeries(
      `From: a\nSubject: b\nContent-Type: multipart/mixed; boundary=x\n\n${parts}--x--\n`,
    );
    expect(wide.problems.map((problem) => problem.message).join()).toContain('too many parts');
    let nested = 'hello';
    for (let i = 0; i < 20; i++)
      nested = `Content-Type: multipart/mixed; boundary=x${i}\n\n--x${i}\n${nested}\n--x${i}--\n`;
    const deep = await parseSeries(`From: a\nSubject: b\n${nested}`);
    expect(deep.problems.map((problem) => problem.message).join()).toContain('nested too deeply');
  });

  it('the number of problems', async () => {
    const { problems } = await parseSeries(
      `${HEAD}@@ -1 +1 @@\n-a\n+b\n${'@@ -x @@\n'.repeat(MAX_PROBLEMS + 5)}`,
    );
    expect(problems).toHaveLength(MAX_PROBLEMS + 1);
    expect(problems.at(-1)!.message).toBe('5 more problems of this input are not listed');
  });

  it('a count that no hunk has', async () => {
    const { value, problems } = await parseSeries(`${HEAD}@@ -1,99999999999999 +1 @@\n-a\n+b\n`);
    expect(value.patches).toEqual([]);
    expect(problems.some((problem) => problem.message.includes('@@ line cannot be read'))).toBe(true);
  });
});
