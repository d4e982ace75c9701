/** One patch in every disguise in which mail programs, archives and reviewers hand it on. */
import { describe, expect, it } from 'vitest';
import { type Parsed, parseSeries, type Series } from '../../../engine/patch/index.ts';
import {
  base64,
  collapsed,
  commented,
  expandedTabs,
  flowed,
  html,
  htmlMail,
  mail,
  quoted,
  quotedPrintable,
  tabsToSpaces,
  trimmedLines,
  withCarriageReturns,
  wrapped,
} from './disguises.ts';
import { SAMPLE } from './sample.ts';

function hunks({ value }: Parsed<Series>, squeeze: boolean) {
  return value.patches.flatMap((patch) =>
    patch.files.flatMap((file) =>
      file.hunks.map((hunk) => ({
        path: file.newPath,
        at: [hunk.oldStart, hunk.oldCount, hunk.newStart, hunk.newCount],
        lines: hunk.lines.map((line) => line.kind[0] + (squeeze ? line.text.replace(/\s/g, '') : line.text)),
      })),
    ),
  );
}

const encoded = (encoding: string) => [
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  `Content-Transfer-Encoding: ${encoding}`,
];

/** Those after which every character of the hunks is as it was. */
const FAITHFUL: Record<string, (patch: string) => string> = {
  'as it is': (patch) => patch,
  'with carriage returns': withCarriageReturns,
  'without trailing spaces': trimmedLines,
  'in a mail': (patch) => mail('[PATCH] toy: x', patch),
  'in a mail with carriage returns': (patch) => withCarriageReturns(mail('[PATCH] toy: x', patch)),
  'quoted once': (patch) => quoted(patch),
  'quoted three times': (patch) => quoted(patch, 3),
  'quoted without spaces': (patch) => quoted(patch, 2, '>'),
  'quoted in two styles': (patch) => quoted(quoted(patch, 1, '>'), 1, '> '),
  'quoted with bars': (patch) => quoted(patch, 1, '| '),
  'quoted with initials': (patch) => quoted(patch, 1, 'AB> '),
  indented: (patch) => quoted(patch, 1, '    '),
  'quoted with comments': (patch) => commented(quoted(patch), 5),
  'quoted twice with comments': (patch) => commented(quoted(patch, 2), 3),
  'quoted-printable': (patch) => mail('[PATCH] toy: x', quotedPrintable(patch), encoded('quoted-printable')),
  'quoted-printable without its header': quotedPrintable,
  'a reply in quoted-printable': (patch) =>
    mail('Re: [PATCH] toy: x', quotedPrintable(quoted(patch)), encoded('quoted-printable')),
  base64: (patch) => mail('[PATCH] toy: x', base64(patch), encoded('base64')),
  'a reply in base64': (patch) =>
    mail('Re: [PATCH] toy: x', base64(commented(quoted(patch), 4)), encoded('base64')),
  'format=flowed': (patch) =>
    mail('[PATCH] toy: x', flowed(patch), ['Content-Type: text/plain; charset=utf-8; format=flowed']),
  'declared format=flowed, but sent as it was': (patch) =>
    mail('[PATCH] toy: x', patch, ['Content-Type: text/plain; charset=utf-8; format=flowed']),
  'a page of HTML': html,
};

/** Those after which white space is not to be trusted. */
const DAMAGING: Record<string, (patch: string) => string> = {
  'tabs expanded in a reply': (patch) => quoted(expandedTabs(patch)),
  'tabs expanded, with comments': (patch) => commented(quoted(expandedTabs(patch)), 4),
  'each tab a space': tabsToSpaces,
  'each tab a space, in a reply': (patch) => quoted(tabsToSpaces(patch)),
  'white space collapsed': collapsed,
  'white space collapsed in a reply': (patch) => quoted(collapsed(patch)),
  'white space collapsed in a reply to a reply': (patch) => commented(quoted(collapsed(patch), 2), 6),
  'an HTML mail': (patch) =>
    mail('[PATCH] toy: x', htmlMail(patch), ['Content-Type: text/html; charset=utf-8']),
};

/** Those that break long lines. */
const BREAKING: Record<string, (patch: string) => string> = {
  'lines broken': (patch) => wrapped(patch, 60),
  'quoted lines broken, marks repeated': (patch) => wrapped(quoted(patch), 62, '> '),
  'quoted lines broken, marks lost': (patch) => wrapped(quoted(patch), 64, ''),
  'tabs expanded and lines broken': (patch) => wrapped(quoted(expandedTabs(patch)), 72, '> '),
};

describe('disguises', () => {
  it.each(Object.keys(FAITHFUL))('%s: nothing is lost', async (name) => {
    const parsed = await parseSeries(FAITHFUL[name]!(SAMPLE));
    const plain = await parseSeries(SAMPLE);
    expect(parsed.problems).toEqual([]);
    expect(hunks(parsed, false)).toEqual(hunks(plain, false));
    expect(
      parsed.value.patches[0]!.files.every((file) => file.hunks.every((hunk) => hunk.fidelity === 'exact')),
    ).toBe(true);
  });

  it.each(Object.keys(DAMAGING))('%s: only white space is lost, and that is said', async (name) => {
    const parsed = await parseSeries(DAMAGING[name]!(SAMPLE));
    const plain = await parseSeries(SAMPLE);
    expect(hunks(parsed, true)).toEqual(hunks(plain, true));
    const fidelities = parsed.value.patches[0]!.files.flatMap((file) =>
      file.hunks.map((hunk) => hunk.fidelity),
    );
    expect(new Set(fidelities)).toEqual(new Set(['whitespace']));
    expect(parsed.problems.map((problem) => problem.message)).toEqual([
      expect.stringContaining('white space was changed'),
    ]);
  });

  it.each(Object.keys(BREAKING))('%s: lines are joined again, and that is said', async (name) => {
    const parsed = await parseSeries(BREAKING[name]!(SAMPLE));
    const plain = await parseSeries(SAMPLE);
    expect(hunks(parsed, true)).toEqual(hunks(plain, true));
    expect(parsed.problems.some((problem) => problem.message.includes('joined again'))).toBe(true);
  });

  it('newlines lost: the files, the hunks and the changed lines are told apart', async () => {
    const flat = collapsed(SAMPLE)
      .split('\n')
      .filter((line) => line !== '' && line !== '-')
      .join(' ');
    const parsed = await parseSeries(flat);
    const plain = await parseSeries(SAMPLE);
    const changed = (series: Parsed<Series>) =>
      hunks(series, true).map((hunk) => ({
        ...hunk,
        lines: hunk.lines.filter((line) => !line.startsWith('c') && line !== 'r'),
      }));
    expect(changed(parsed)).toEqual(changed(plain));
    expect(
      parsed.problems.some((problem) => problem.message.includes('newlines of this diff were lost')),
    ).toBe(true);
  });

  it('newlines of a quoted reply lost: quote marks tell the lines apart', async () => {
    const flat = quoted(collapsed(SAMPLE)).replaceAll('\n', ' ');
    const parsed = await parseSeries(`Hi, Ann wrote: ${flat} Thanks`);
    const plain = await parseSeries(SAMPLE);
    const changed = (series: Parsed<Series>) =>
      hunks(series, true).map((hunk) => ({
        ...hunk,
        lines: hunk.lines.filter((line) => !line.startsWith('c')),
      }));
    expect(changed(parsed)).toEqual(changed(plain));
  });
});
