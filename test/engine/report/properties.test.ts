import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceStep } from '../../../engine/check/finding.ts';
import {
  ascii,
  b4Report,
  displayWidth,
  githubReport,
  jsonReport,
  mergeSarif,
  replyReport,
  sarifReport,
  textReport,
  visible,
  wrap,
} from '../../../engine/report/index.ts';
import type { Review, ReviewFinding } from '../../../engine/review/review.ts';
import { sarifErrors } from './sarif-schema.ts';

/** What a patch may put into a name, a path or a line: anything, and what hurts most more often. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '\u202e\u2066evil\u2069',
    '\u001b]0;title\u0007\u001b[31m',
    '::error file=x::y',
    '##[set-env name=A]b',
    '> quoted\n> more',
    '[link](javascript:0)',
    '%0A::set-output',
    '../../etc/passwd',
    '\ud800',
    '\t\t\treturn ret;',
    'a very long name '.repeat(20),
  ),
);
const level = fc.constantFrom('error', 'warning', 'note');
const number = fc.integer({ min: 0, max: 100_000 });
const inputLine = fc.option(number);
const kinds: readonly TraceStep['kind'][] = ['enter', 'branch', 'acquire', 'release', 'violation', 'note'];
const step = fc.record({
  file: text,
  line: number,
  column: number,
  message: text,
  kind: fc.constantFrom(...kinds),
  held: fc.option(text),
});
const finding: fc.Arbitrary<ReviewFinding> = fc
  .record({
    rule: text,
    level,
    message: text,
    why: text,
    advice: text,
    file: text,
    line: number,
    column: number,
    endColumn: number,
    function: text,
    config: fc.dictionary(text, fc.constantFrom('y', 'm', 'n'), { maxKeys: 3 }),
    lock: text,
    shape: text,
    status: fc.constantFrom('introduced', 'existing', 'fixed'),
    inputLine,
    input: fc.constantFrom(0, 1),
    sourceLine: text,
    fingerprint: text,
    steps: fc.array(fc.record({ step, line: text, inputLine }), { maxLength: 5 }),
  })
  .map(({ steps, ...rest }) => ({
    ...rest,
    trace: steps.map((one) => one.step),
    traceLines: steps.map((one) => one.line),
    traceInputLines: steps.map((one) => one.inputLine),
  }));
const review: fc.Arbitrary<Review> = fc.record({
  inputs: fc.tuple(text, text),
  findings: fc.array(finding, { maxLength: 6 }),
  notes: fc.array(fc.record({ message: text, file: fc.option(text), line: inputLine }), { maxLength: 3 }),
  stats: fc.record({
    files: number,
    functions: number,
    paths: number,
    configs: number,
    milliseconds: number,
  }),
});

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Variation_Selector}]/u;
/** A report is lines: without line feeds there is nothing hidden left. */
const showsAll = (report: string) => expect(report.replaceAll('\n', '')).not.toMatch(HIDDEN);
const sarif = { version: '1', rules: [] };

describe('whatever a patch holds', () => {
  it('the text report shows every character, and is the same text in colour', () => {
    fc.assert(
      fc.property(review, fc.boolean(), fc.integer({ min: 0, max: 200 }), (one, all, width) => {
        const report = textReport(one, { color: false, width, all });
        showsAll(report);
        const plain = textReport(one, { color: true, width, all }).replace(/\u001b\[[0-9;]*m/g, '');
        expect(plain).toBe(report);
      }),
    );
  });

  it('the JSON report is the data, and prints as it is', () => {
    fc.assert(
      fc.property(review, (one) => {
        const report = jsonReport(one);
        showsAll(report);
        const { findings } = JSON.parse(report);
        expect(findings.map((each: ReviewFinding) => [each.message, each.file, each.function])).toEqual(
          one.findings.map((each) => [each.message, each.file, each.function]),
        );
      }),
    );
  });

  it('the SARIF report is valid, and so is its merger', () => {
    fc.assert(
      fc.property(review, review, (one, other) => {
        const report = sarifReport(one, sarif);
        showsAll(report);
        expect(sarifErrors(JSON.parse(report))).toEqual([]);
        const parts = [one, other].map((part, at) => ({ name: `${at}`, text: sarifReport(part, sarif) }));
        const merged = mergeSarif(parts);
        expect(merged.problem).toBeNull();
        expect(sarifErrors(JSON.parse(merged.text!))).toEqual([]);
        expect(mergeSarif([...parts].reverse()).text).toBe(merged.text);
      }),
    );
  });

  it('the GitHub report has annotations and harmless lines, within the limits', () => {
    fc.assert(
      fc.property(review, fc.constantFrom('', 'linux/', null), (one, prefix) => {
        const report = githubReport(one, { prefix });
        showsAll(report);
        const lines = report.trimEnd().split('\n');
        for (const line of lines) {
          if (line.startsWith('- ')) expect(line).not.toContain('##[');
          else expect(line).toMatch(/^::(error|warning|notice) (\w+=[^:,]*,)*\w+=[^:,]*::/);
        }
        expect(lines.filter((line) => line.startsWith('::')).length).toBeLessThanOrEqual(30);
      }),
    );
  });

  it('the reply is plain ASCII in 72 columns, but for what it quotes and long names', () => {
    fc.assert(
      fc.property(review, (one) => {
        const reply = replyReport(one, [null, null]);
        expect(reply).toMatch(/^[\n\t\x20-\x7e]*$/);
        for (const line of reply.split('\n')) {
          // A word is never cut, and neither is a place or a line of source.
          if (line.length > 72)
            expect(line.trim().split(' ').length < 3 || /^ {4}|, in /.test(line)).toBe(true);
        }
      }),
    );
  });

  it('the b4 report is what b4 reads', () => {
    fc.assert(
      fc.property(review, (one) => {
        for (const check of JSON.parse(b4Report(one))) {
          expect(['pass', 'warn', 'fail']).toContain(check.status);
          expect(check.summary).not.toContain('\n');
        }
      }),
    );
  });

  it('text is shown whole: nothing is lost, and showing it twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (one) => {
        const shown = visible(one);
        expect(visible(shown)).toBe(shown);
        expect(ascii(ascii(one))).toBe(ascii(one));
        const back = shown.replace(/<U\+([0-9A-F]{4,6})>/g, (_, code) =>
          String.fromCodePoint(Number.parseInt(code, 16)),
        );
        if (!one.includes('<U+')) expect(back).toBe(one);
      }),
    );
  });

  it('words survive wrapping, and lines of more than one word fit', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), fc.integer({ min: 1, max: 100 }), (parts, width) => {
        const words = parts.join(' ').split(' ').filter(Boolean);
        const lines = wrap(parts.join(' '), width);
        expect(lines.join(' ').split(' ').filter(Boolean)).toEqual(words);
        for (const line of lines)
          if (line.includes(' ')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
