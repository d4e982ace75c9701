import { describe, expect, it } from 'vitest';
import { DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver';
import type { Review, ReviewFinding } from '../../engine/review/review.ts';
import {
  type DiagnosticContext,
  failureDiagnostic,
  reviewDiagnostics,
} from '../../extension/server/diagnostics.ts';
import { finding } from './fake-review.ts';

const review = (findings: ReviewFinding[], notes: Review['notes'] = []): Review => ({
  inputs: ['a.patch'],
  findings,
  notes,
  stats: { files: 0, functions: 0, paths: 0, configs: 0, milliseconds: 0 },
});
const LINES = ['diff', '@@', '+\tmutex_lock(&a);', '> +\tmutex_unlock(&a);', ' }'];
const context: DiagnosticContext = {
  documentUri: 'file:///a.patch',
  documentLines: LINES,
  inputIsDocument: true,
  fileUri: (file) => `file:///tree/${file}`,
  ruleUri: (rule) => `file:///rules/${rule}.md`,
  showExisting: false,
};
const only = (findings: ReviewFinding[], over: Partial<DiagnosticContext> = {}) => {
  const all = reviewDiagnostics(review(findings), { ...context, ...over });
  const list = [...all.values()].flat();
  expect(list).toHaveLength(1);
  return list[0]!;
};

describe('a diagnostic', () => {
  it('lies on the line of the patch, past its marker', () => {
    const { range } = only([
      finding({ inputLine: 3, sourceLine: '\tmutex_lock(&a);', column: 2, endColumn: 12 }),
    ]);
    expect(range).toEqual({ start: { line: 2, character: 2 }, end: { line: 2, character: 12 } });
  });
  it('lies past the quoting of a mail', () => {
    const { range } = only([
      finding({ inputLine: 4, sourceLine: '\tmutex_unlock(&a);', column: 2, endColumn: 14 }),
    ]);
    expect(range).toEqual({ start: { line: 3, character: 4 }, end: { line: 3, character: 16 } });
  });
  it('takes the whole line where the mail does not show the source line', () => {
    const { range } = only([finding({ inputLine: 3, sourceLine: 'x = 1;', column: 2, endColumn: 5 })]);
    expect(range).toEqual({
      start: { line: 2, character: 0 },
      end: { line: 2, character: LINES[2]!.length },
    });
  });
  it('reaches to the end of the line where the finding has no end', () => {
    const { range } = only([
      finding({ inputLine: 3, sourceLine: '\tmutex_lock(&a);', column: 2, endColumn: 2 }),
    ]);
    expect(range.end).toEqual({ line: 2, character: LINES[2]!.length });
  });
  it('outside the patch lies in the file of the tree', () => {
    const all = reviewDiagnostics(
      review([finding({ inputLine: null, file: 'kernel/b.c', line: 7, column: 3, endColumn: 9 })]),
      context,
    );
    expect([...all.keys()]).toEqual(['file:///a.patch', 'file:///tree/kernel/b.c']);
    expect(all.get('file:///tree/kernel/b.c')?.[0]?.range).toEqual({
      start: { line: 6, character: 2 },
      end: { line: 6, character: 8 },
    });
  });
  it('outside the patch without a tree lies on the first line of the patch', () => {
    const { range } = only([finding({ inputLine: null })], { fileUri: () => null });
    expect(range.start.line).toBe(0);
  });
  it('says what is wrong, with which configuration, why, and what to do', () => {
    const { message, severity, source, code, codeDescription } = only([
      finding({ config: { CONFIG_B: 'n', CONFIG_A: 'y' }, message: 'What.', why: 'Why.', advice: 'Do.' }),
    ]);
    expect(message).toBe('What.\nOnly with CONFIG_A=y, CONFIG_B=n.\nWhy.\nDo.');
    expect(severity).toBe(DiagnosticSeverity.Error);
    expect(source).toBe('lock-review');
    expect(code).toBe('lock-leak');
    expect(codeDescription?.href).toBe('file:///rules/lock-leak.md');
  });
  it('has the level of its finding', () => {
    expect(only([finding({ level: 'warning' })]).severity).toBe(DiagnosticSeverity.Warning);
    expect(only([finding({ level: 'note' })]).severity).toBe(DiagnosticSeverity.Information);
  });
  it('fades a label that nothing jumps to, and nothing else', () => {
    expect(only([finding({ rule: 'unused-label' })]).tags).toEqual([DiagnosticTag.Unnecessary]);
    expect(only([finding({})]).tags).toBeUndefined();
  });
  it('tells every step of the path, where it is and what is held', () => {
    const steps = [
      { file: 'mm/a.c', line: 1, column: 2, kind: 'acquire', message: 'takes it', held: 'mmap_lock R' },
      { file: 'mm/a.c', line: 8, column: 1, kind: 'branch', message: 'branches', held: null },
      { file: 'fs/c.c', line: 9, column: 1, kind: 'return', message: 'returns', held: '' },
    ] as const;
    const { relatedInformation } = only([
      finding({
        trace: steps,
        traceLines: ['\tmutex_lock(&a);', 'x', 'return 0;'],
        traceInputLines: [3, null, null],
      }),
    ]);
    expect(
      relatedInformation?.map(({ location, message }) => [
        location.uri,
        location.range.start.line,
        location.range.start.character,
        message,
      ]),
    ).toEqual([
      ['file:///a.patch', 2, 2, '1. takes it [held: mmap_lock R]'],
      ['file:///tree/mm/a.c', 7, 0, '2. branches'],
      ['file:///tree/fs/c.c', 8, 0, '3. returns [held: nothing]'],
    ]);
  });
  it('names the place of a step that nothing can show', () => {
    const { relatedInformation } = only(
      [finding({ inputLine: 3, sourceLine: '\tmutex_lock(&a);', traceInputLines: [3, null] })],
      { fileUri: () => null },
    );
    expect(relatedInformation?.[1]?.location.uri).toBe('file:///a.patch');
    expect(relatedInformation?.[1]?.message).toContain('(mm/a.c:10)');
  });
  it('of an open C file lies where the file has it, not where the derived patch has it', () => {
    const { range } = only([finding({ inputLine: 3, line: 30, column: 5, endColumn: 8 })], {
      inputIsDocument: false,
      documentUri: 'file:///tree/mm/a.c',
    });
    expect(range.start).toEqual({ line: 29, character: 4 });
  });
});

describe('what is published', () => {
  it('is an empty list for a clean patch', () => {
    expect([...reviewDiagnostics(review([]), context)]).toEqual([['file:///a.patch', []]]);
  });
  it('leaves out what the patch fixes, and what was there before unless asked', () => {
    const findings = [finding({ status: 'fixed' }), finding({ status: 'existing' })];
    expect(reviewDiagnostics(review(findings), context).get('file:///a.patch')).toEqual([]);
    const shown = only(findings, { showExisting: true });
    expect(shown.message).toContain('before the patch');
  });
  it('has a hint for each line of the patch that could not be read', () => {
    const all = reviewDiagnostics(
      review(
        [],
        [
          { message: 'The hunk does not fit.', file: 'a.patch', line: 2 },
          { message: 'No tree.', file: null, line: null },
          { message: 'Elsewhere.', file: 'mm/a.c', line: 3 },
        ],
      ),
      context,
    );
    const list = all.get('file:///a.patch') ?? [];
    expect(list.map((d) => [d.range.start.line, d.severity, d.code, d.message])).toEqual([
      [1, DiagnosticSeverity.Hint, 'not-checked', 'The hunk does not fit.'],
    ]);
  });
  it('says that a file could not be reviewed', () => {
    expect(failureDiagnostic('out of memory')).toMatchObject({
      code: 'not-checked',
      message: 'This file could not be reviewed: out of memory',
    });
  });
});
