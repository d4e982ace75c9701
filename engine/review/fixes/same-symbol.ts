/** Fixes of a lock that is taken under one configuration and released under another: both sides on one test. */
import type { SourceUnit } from '../../c/index.ts';
import type { Finding, Program } from '../../check/index.ts';
import { functionAround, isBody, STATEMENT } from './function-lines.ts';
import type { FixCandidate } from './line-edit.ts';

/** An `#if` with its `#endif`; `plain` where there is nothing between them but code. */
interface Test {
  readonly line: number;
  readonly text: string;
  end: number;
  plain: boolean;
}

/**
 * Each lock statement of the function under each test of a configuration symbol that another one is under; and,
 * where the series removes the symbol, without the test. Which of them is right is found out by checking again.
 */
export function underOneSymbol(
  finding: Finding,
  unit: SourceUnit,
  program: Program,
): readonly FixCandidate[] {
  const fn = functionAround(unit, finding.line);
  if (!fn || finding.file !== unit.path) return [];
  const { file } = finding;
  const tests = testsIn(unit, fn.first, fn.last);
  const around = (line: number) => tests.filter((test) => test.line < line && line < test.end);
  const statements: number[] = [];
  for (let line = fn.first; line <= fn.last; line++) {
    const name = STATEMENT.exec(unit.line(line))?.[1] ?? '';
    const contract = program.contracts.lookup(name);
    const locks = contract?.outcomes.some((one) => one.effects.length > 0) ?? false;
    if (locks && !isBody(unit, line)) statements.push(line);
  }
  const used = new Set(
    statements.flatMap((line) => around(line).flatMap((test) => (test.plain ? [test.text] : []))),
  );
  const candidates: FixCandidate[] = [];
  for (const test of tests) {
    if (
      !test.plain ||
      !Object.keys(finding.config).some((symbol) => program.removed.has(symbol) && test.text.includes(symbol))
    )
      continue;
    candidates.push({
      title: `Remove '${test.text}', whose symbol is gone`,
      edits: [
        { file, from: test.end, to: test.end, lines: [] },
        { file, from: test.line, to: test.line, lines: [] },
      ],
    });
  }
  // The finding's own statement first.
  for (const line of statements.sort(
    (a, b) => Number(b === finding.line) - Number(a === finding.line) || a - b,
  )) {
    const [test, ...more] = around(line).reverse();
    for (const text of used) {
      const title = `Key '${unit.line(line).trim()}' on '${text}' too`;
      if (!test) {
        const edits = [
          { file, from: line + 1, to: line, lines: ['#endif'] },
          { file, from: line, to: line - 1, lines: [text] },
        ];
        candidates.push({ title, edits });
      } else if (more.length === 0 && test.plain && test.text !== text) {
        candidates.push({ title, edits: [{ file, from: test.line, to: test.line, lines: [text] }] });
      }
    }
  }
  return candidates;
}

function testsIn(unit: SourceUnit, first: number, last: number): readonly Test[] {
  const tests: Test[] = [];
  const open: Test[] = [];
  for (let line = first; line <= last; line++) {
    const text = unit.line(line).trimEnd();
    const word = /^\s*#\s*(if|ifdef|ifndef|else|elif|elifdef|elifndef|endif)\b/.exec(text)?.[1];
    if (word === undefined) continue;
    const test = open[open.length - 1];
    if (word === 'endif') {
      if (test) test.end = line;
      open.pop();
    } else if (word.startsWith('el')) {
      if (test) test.plain = false;
    } else {
      // A condition that goes on in the next line is not one that can be written elsewhere.
      const made: Test = { line, text, end: last, plain: !text.endsWith('\\') };
      tests.push(made);
      open.push(made);
    }
  }
  return tests;
}
