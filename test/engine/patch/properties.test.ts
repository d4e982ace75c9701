/** What holds for every text, and what holds for every diff that diff(1) could make. */
import { applyPatch, createTwoFilesPatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatPatch,
  isPatchText,
  MAX_PROBLEMS,
  type Parsed,
  parseSeries,
  reverseSeries,
  type Series,
} from '../../../engine/patch/index.ts';
import { quoted, withCarriageReturns } from './disguises.ts';
import { SAMPLE } from './sample.ts';

const codeLine = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\tint a;',
    '-- not a signature',
    '++ i;',
    '@@ -1 +1 @@',
    'diff --git a/x b/x',
    '> quoted',
    '\\ No newline at end of file',
    '--- a/x.c',
    '+++ b/x.c',
    'From here on',
    '}',
    '\t\treturn -EINVAL;',
    ' * comment',
  ),
  // Indented by a tab, as in the kernel: code indented by single spaces is taken for damaged.
  fc
    .string({ unit: fc.constantFrom('a', 'b', ' ', '\t', '-', '+', ';', 'é'), maxLength: 20 })
    .map((text) => (text.startsWith(' ') ? `\t${text}` : text)),
);
const file = fc
  .record({ lines: fc.array(codeLine, { minLength: 1, maxLength: 40 }), ended: fc.boolean() })
  .map(({ lines, ended }) => lines.join('\n') + (ended || lines.at(-1) === '' ? '\n' : ''));

/** Two texts of which the second is the first with some lines changed. */
const twoFiles = fc
  .tuple(file, fc.array(fc.tuple(fc.nat(60), codeLine, fc.boolean()), { minLength: 1, maxLength: 6 }))
  .map(([before, edits]) => {
    const lines = before.split('\n');
    for (const [at, text, insert] of edits) lines.splice(at % lines.length, insert ? 0 : 1, text);
    return { before, after: lines.join('\n') };
  });

function diffOf(before: string, after: string, context: number): string {
  return createTwoFilesPatch('a/toy.c', 'b/toy.c', before, after, undefined, undefined, { context });
}

/** What every result must satisfy, whatever the input. */
function checkSane(text: string, { value, problems }: Parsed<Series>): void {
  const last = text.split(/\r\n|\r|\n/).length;
  expect(problems.length).toBeLessThanOrEqual(MAX_PROBLEMS + 1);
  for (const problem of problems) {
    expect(problem.message).not.toBe('');
    if (problem.line !== null) expect(problem.line >= 1 && problem.line <= last).toBe(true);
  }
  for (const patch of value.patches) {
    for (const each of patch.files) {
      for (const path of [each.oldPath, each.newPath]) {
        expect(
          path === null || !(path.startsWith('/') || path.split('/').includes('..') || path.includes('\0')),
        ).toBe(true);
      }
      for (const hunk of each.hunks) {
        expect(hunk.inputLine >= 1 && hunk.inputLine <= last).toBe(true);
        const short = hunk.lines.filter((line) => line.kind !== 'added').length < hunk.oldCount;
        if (short) expect(hunk.fidelity).toBe('partial');
        for (const line of hunk.lines) {
          expect(line.inputLine >= 1 && line.inputLine <= last).toBe(true);
          expect(line.inputColumn).toBeGreaterThanOrEqual(0);
          expect(line.text).not.toContain('\n');
        }
      }
    }
  }
  if (value.patches.length === 0) expect(problems.length).toBeGreaterThan(0);
  formatPatch(value);
  reverseSeries(value);
}

describe('diffs', () => {
  it('apply, then the reverse, is identity', async () => {
    await fc.assert(
      fc.asyncProperty(twoFiles, fc.nat(4), async ({ before, after }, context) => {
        fc.pre(before !== after);
        const { value, problems } = await parseSeries(diffOf(before, after, context));
        expect(problems).toEqual([]);
        const forwards = applyPatch(before, formatPatch(value));
        expect(forwards).toBe(after);
        expect(applyPatch(after, formatPatch(reverseSeries(value)))).toBe(before);
        expect(reverseSeries(reverseSeries(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it('the formatted diff says the same as the one that was read', async () => {
    await fc.assert(
      fc.asyncProperty(twoFiles, fc.nat(4), async ({ before, after }, context) => {
        fc.pre(before !== after);
        const { value } = await parseSeries(diffOf(before, after, context));
        const again = await parseSeries(formatPatch(value));
        const plain = (series: Series) =>
          series.patches.flatMap((patch) =>
            patch.files.flatMap((each) =>
              each.hunks.map((hunk) => ({
                ...hunk,
                inputLine: 0,
                lines: hunk.lines.map((line) => ({ ...line, inputLine: 0 })),
              })),
            ),
          );
        expect(plain(again.value)).toEqual(plain(value));
      }),
      { numRuns: 300 },
    );
  });

  it('each line of a hunk maps to its input line and back', async () => {
    await fc.assert(
      fc.asyncProperty(
        twoFiles,
        fc.nat(3),
        fc.nat(2),
        fc.boolean(),
        async ({ before, after }, context, depth, crlf) => {
          fc.pre(before !== after);
          const diff = diffOf(before, after, context);
          const text = crlf ? withCarriageReturns(quoted(diff, depth)) : quoted(diff, depth);
          const input = text.split(/\r?\n/);
          const { value } = await parseSeries(text);
          const seen = new Map<number, string>();
          for (const hunk of value.patches.flatMap((patch) => patch.files.flatMap((each) => each.hunks))) {
            let previous = hunk.inputLine;
            for (const line of hunk.lines) {
              expect(line.inputLine).toBeGreaterThan(previous);
              previous = line.inputLine;
              expect(input[line.inputLine - 1]!.slice(line.inputColumn)).toBe(line.text);
              expect(seen.has(line.inputLine)).toBe(false);
              seen.set(line.inputLine, line.text);
            }
          }
          // The other way round: each line of the post-image is shown by exactly one input line.
          const shown = [...seen.values()].length;
          const { value: plain } = await parseSeries(diff);
          expect(shown).toBe(
            plain.patches.flatMap((patch) =>
              patch.files.flatMap((each) => each.hunks.flatMap((hunk) => hunk.lines)),
            ).length,
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

const token = fc.constantFrom(
  ...[
    '\n',
    '\n',
    '\r\n',
    '> ',
    '>',
    '>> ',
    '@@ -1,3 +1,4 @@ f',
    '@@ -1 +1 @@',
    '@@',
    '@@@ -1 -1 +1 @@@',
    'diff --git a/x.c b/x.c',
  ],
  ...[
    '--- a/x.c',
    '+++ b/x.c',
    '--- ',
    '+++ ',
    '---',
    '-- ',
    '+',
    '-',
    ' ',
    '\t',
    '\\ No newline at end of file',
    'index 12..34 100644',
  ],
  ...[
    'new file mode 120000',
    'rename from a',
    'rename to ../b',
    'From a@b Mon Jan  1 00:00:00 2024',
    'From: a',
    'Subject: [PATCH 1/2] x',
  ],
  ...[
    'Content-Type: multipart/mixed; boundary=x',
    '--x',
    '--x--',
    'Content-Transfer-Encoding: base64',
    'QUFB',
    '=3D',
    '=',
    '=20',
  ],
  ...[
    '[...]',
    '<html>',
    '<pre>',
    '</pre>',
    '&gt;',
    '&lt;',
    'commit 0123456789',
    'Author: a',
    '^ permalink raw reply',
    '* [PATCH] x',
  ],
  ...[
    'From: a @ 2024-01-01 00:00 UTC (permalink / raw)',
    'Binary files a/x and b/x differ',
    'GIT binary patch',
    '\0',
    '\u202e',
    '\ufeff',
  ],
  ...[
    '"a/\\303\\251"',
    'diff --cc x',
    'Index: x',
    '=======',
    'int a;',
    'Content-Type: text/plain; format=flowed',
    'On x, y wrote:',
  ],
);

describe('any text', () => {
  it('never throws and gives a sane result', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        checkSane(text, await parseSeries(text));
        isPatchText(text);
      }),
      { numRuns: 500 },
    );
  });

  it('made of pieces of patches and mails never throws and gives a sane result', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 80 }), async (tokens) => {
        const text = tokens.join('');
        checkSane(text, await parseSeries(text));
        isPatchText(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it('made of lines that are pieces of patches and mails never throws and gives a sane result', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(token, token), { maxLength: 60 }), async (pairs) => {
        const text = pairs.map(([a, b]) => a + b).join('\n');
        checkSane(text, await parseSeries(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('that is a mutilated patch never throws and gives a sane result', async () => {
    const edit = fc.record({
      at: fc.nat(SAMPLE.length),
      remove: fc.nat(60),
      insert: fc.oneof(token, fc.string({ maxLength: 5 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 8 }), fc.nat(2), async (edits, depth) => {
        let text = quoted(SAMPLE, depth);
        for (const { at, remove, insert } of edits)
          text = text.slice(0, at) + insert + text.slice(at + remove);
        checkSane(text, await parseSeries(text));
      }),
      { numRuns: 1_000 },
    );
  });
});
