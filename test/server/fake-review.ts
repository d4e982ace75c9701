/**
 * A reviewer for tests of what surrounds the engine: it finds one thing wherever the text says so. A line
 * with `FINDING rule [file:line]` is a finding there; `CRASH`, `EXIT` and `HANG` do as they say.
 */
import type { Review, ReviewFinding } from '../../engine/review/review.ts';
import type { Question, ReviewRequest } from '../../extension/server/index.ts';

/** Answers a review with what `fakeReview` finds; it knows nothing of any code, so all else has an empty answer. */
export async function fakeAnswer(
  request: ReviewRequest,
  question: Question,
  cancelled: () => boolean,
): Promise<unknown> {
  if (question.kind === 'review') return fakeReview(request, cancelled);
  return question.kind === 'inspect' ? [] : null;
}

export async function fakeReview(request: ReviewRequest, cancelled: () => boolean): Promise<Review> {
  const { subject } = request;
  const inputs =
    subject.kind === 'patches'
      ? subject.inputs
      : subject.paths.map((name) => ({ name, text: request.overlay[name] ?? '' }));
  const findings: ReviewFinding[] = [];
  inputs.forEach((input, index) => {
    input.text.split('\n').forEach((line, number) => {
      if (line.includes('EXIT')) process.exit(7);
      if (line.includes('CRASH')) throw new Error('crashed as asked');
      if (line.includes('SPIN')) while (!cancelled());
      if (line.includes('HANG')) for (;;);
      const words = /FINDING ([a-z-]+)(?: (\S+):(\d+))?/.exec(line);
      if (!words) return;
      const inPatch = words[2] === undefined;
      const text = line.replace(/^[> ]*[-+ ]/, '');
      findings.push(
        finding({
          rule: words[1] ?? '',
          file: words[2] ?? input.name,
          line: Number(words[3] ?? number + 1),
          column: text.indexOf('FINDING') + 1,
          endColumn: text.indexOf('FINDING') + 8,
          input: index,
          inputLine: inPatch ? number + 1 : null,
          sourceLine: inPatch ? text : '',
        }),
      );
    });
  });
  return {
    inputs: inputs.map((input) => input.name),
    findings,
    notes: [],
    stats: { files: 1, functions: 1, paths: 1, configs: 1, milliseconds: 1 },
  };
}

/** A finding with what matters to the test, and plain values for the rest. */
export function finding(given: Partial<ReviewFinding>): ReviewFinding {
  const { file = 'mm/a.c', line = 10, inputLine = 5, sourceLine = '' } = given;
  const trace = [
    { kind: 'acquire' as const, file, line, column: 1, message: 'takes the lock', held: 'mmap_lock R' },
    { kind: 'violation' as const, file, line, column: 1, message: 'returns with it', held: 'mmap_lock R' },
  ];
  return {
    rule: 'lock-leak',
    level: 'error',
    message: 'The lock is still held.',
    why: 'Nobody releases it.',
    advice: 'Release it.',
    file,
    line,
    column: 1,
    endColumn: 1,
    function: 'f',
    config: {},
    trace,
    lock: 'mmap_lock',
    shape: 'acquire;return',
    status: 'introduced',
    inputLine,
    input: 0,
    sourceLine,
    traceLines: trace.map(() => sourceLine),
    traceInputLines: trace.map(() => inputLine),
    fingerprint: 'f1',
    ...given,
  };
}
