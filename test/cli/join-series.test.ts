import { describe, expect, it } from 'vitest';
import { parseSeries } from '../../engine/patch/index.ts';
import type { Review } from '../../engine/review/review.ts';
import { joinSeries, type ReadPatch } from '../../extension/cli/join-series.ts';
import { leak, sample, step } from '../engine/report/sample.ts';

interface Mail {
  readonly number?: string;
  readonly file?: string;
  readonly index?: string;
  readonly mailbox?: boolean;
  readonly bug?: string;
}

/** A mail with one patch that adds one line. */
function mail({ number, file = 'a.c', index, mailbox = true, bug = 'BUG' }: Mail): string {
  return [
    ...(mailbox ? ['From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001'] : []),
    'From: Jane Doe <jane@example.org>',
    `Subject: [PATCH${number === undefined ? '' : ` ${number}`}] change ${file}: ${bug}`,
    `Message-ID: <${encodeURIComponent(bug + number + file)}@example.org>`,
    '',
    'Why.',
    '---',
    `diff --git a/${file} b/${file}`,
    ...(index === undefined ? [] : [`index ${index} 100644`]),
    `--- a/${file}`,
    `+++ b/${file}`,
    '@@ -1,2 +1,3 @@ int f(void)',
    ' one',
    `+${bug}`,
    ' two',
    '-- ',
    '2.39.5',
    '',
  ].join('\n');
}

async function join(texts: readonly string[]) {
  const given: ReadPatch[] = [];
  for (const [at, text] of texts.entries()) {
    given.push({ name: `${at}.patch`, text, series: (await parseSeries(text)).value });
  }
  return joinSeries(given, parseSeries);
}

/** A review that finds something at every added BUG line, and has a note at each. */
async function review(joined: Awaited<ReturnType<typeof join>>): Promise<Review> {
  const found: Review['findings'][number][] = [];
  const notes: Review['notes'][number][] = [];
  for (const [input, { name, text }] of joined.inputs.entries()) {
    text.split('\n').forEach((line, at) => {
      if (!line.startsWith('+BUG')) return;
      const last = found.at(-1)?.inputLine ?? null;
      found.push({
        ...leak,
        input,
        inputLine: at + 1,
        trace: [step(1, 'before'), step(2, 'here')],
        traceLines: ['', ''],
        traceInputLines: [last, at + 1],
      });
      notes.push({ message: line, file: name, line: at + 1 });
    });
  }
  return { ...sample, inputs: joined.inputs.map((one) => one.name), findings: found, notes };
}

describe('the parts of a series', () => {
  it.each([
    [
      'numbered',
      [
        mail({ number: '1/3', bug: 'BUG 0' }),
        mail({ number: '2/3', bug: 'BUG 1' }),
        mail({ number: '3/3', bug: 'BUG 2' }),
      ],
    ],
    ['out of order', [mail({ number: '2/2', bug: 'BUG 0' }), mail({ number: '1/2', bug: 'BUG 1' })]],
    [
      'saved without the line of a mailbox',
      [
        mail({ number: '1/2', mailbox: false, bug: 'BUG 0' }),
        mail({ number: '2/2', mailbox: false, bug: 'BUG 1' }),
      ],
    ],
    [
      'linked by their blobs',
      [
        mail({ index: '1111111..2222222222', bug: 'BUG 0' }),
        mail({ index: '22222222..3333333', bug: 'BUG 1' }),
      ],
    ],
  ])('that are %s are reviewed as one, and told apart again', async (_, texts) => {
    const joined = await join(texts);
    expect(joined.inputs).toHaveLength(1);
    const found = await review(joined);
    expect(found.findings).toHaveLength(texts.length);
    const split = joined.split(found);
    expect(split.inputs).toEqual(texts.map((_text, at) => `${at}.patch`));
    split.findings.forEach((finding, at) => {
      expect(finding.input).toBe(at);
      expect(texts[at]!.split('\n')[finding.inputLine! - 1]).toBe(`+BUG ${at}`);
      // A step in another part has no line in this one.
      expect(finding.traceInputLines).toEqual([null, finding.inputLine]);
      expect(split.notes[at]).toEqual({
        message: `+BUG ${at}`,
        file: `${at}.patch`,
        line: finding.inputLine,
      });
    });
  });

  it('are patches in their order', async () => {
    const joined = await join([mail({ number: '2/2', file: 'b.c' }), mail({ number: '1/2', file: 'a.c' })]);
    const { patches } = (await parseSeries(joined.inputs[0]!.text)).value;
    expect(patches.map((patch) => patch.number)).toEqual([1, 2]);
  });

  it.each([
    ['no numbers and no blobs in common', [mail({}), mail({ file: 'b.c' })]],
    ['different totals', [mail({ number: '1/2' }), mail({ number: '2/3' })]],
    ['the same number', [mail({ number: '1/2' }), mail({ number: '1/2', file: 'b.c' })]],
    ['blobs that do not meet', [mail({ index: '1111111..2222222' }), mail({ index: '1111111..3333333' })]],
  ])('with %s stay by themselves', async (_, texts) => {
    const joined = await join(texts);
    expect(joined.inputs.map((input) => input.text)).toEqual(texts);
    const found = await review(joined);
    expect(joined.split(found)).toEqual(found);
  });

  it('puts a finding outside the patch with the part that leads to it', async () => {
    const texts = [mail({ number: '1/2', bug: 'BUG 0' }), mail({ number: '2/2', bug: 'BUG 1' })];
    const joined = await join(texts);
    const found = await review(joined);
    const away = { ...found.findings[1]!, inputLine: null };
    const [finding] = joined.split({ ...found, findings: [away] }).findings;
    expect([finding!.input, finding!.inputLine]).toEqual([1, null]);
    const nowhere = { ...away, traceInputLines: [null, null] };
    expect(joined.split({ ...found, findings: [nowhere] }).findings[0]!.input).toBe(0);
  });
});
