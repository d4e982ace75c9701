import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, reviewPatches } from '../../../engine/review/index.ts';
import { memoryTree } from '../../../engine/source/index.ts';
import { testParser } from '../parser.ts';
import { diff } from './patch-fixture.ts';

const body = (...lines: readonly string[]) =>
  `int pump(struct well *w)\n{\n${lines.map((line) => `\t${line}\n`).join('')}\treturn 0;\n}\n`;
const start = body('w->level--;');
const leaky = body(
  'mutex_lock(&w->lock);',
  'if (w->dry)',
  '\treturn -EIO;',
  'w->level--;',
  'mutex_unlock(&w->lock);',
);
const right = leaky
  .replace('\t\treturn -EIO;', '\t\tgoto out;')
  .replace('w->level--;\n', 'w->level--;\nout:\n');

async function review(...states: readonly string[]) {
  const text = states
    .slice(1)
    .map((after, at) =>
      [
        `From ${String(at).repeat(40)} Mon Sep 17 00:00:00 2001`,
        'From: A <a@example.org>',
        `Subject: [PATCH ${at + 1}/${states.length - 1}] well: step ${at + 1}`,
        '',
        'Words.',
        '---',
        diff('well.c', states[at]!, after),
      ].join('\n'),
    )
    .join('\n');
  const tree = memoryTree(new Map([['well.c', states[0]!]]));
  const { findings } = await reviewPatches(
    [{ name: 'well.mbox', text }],
    tree,
    DEFAULT_OPTIONS,
    await testParser(),
  );
  return findings
    .filter((one) => one.status === 'introduced')
    .map((one) => `${one.level} ${one.rule} ${one.line} ${one.inputLine !== null} ${one.message}`);
}

describe('a series is checked at each patch', () => {
  it('tells what a later patch repairs as a note', async () => {
    expect(await review(start, leaky, right)).toEqual([
      'note lock-leak 5 true after patch 1 of 2, pump() returns here with w->lock held; a later patch repairs it',
    ]);
  });
  it('tells what stays once, as what it is', async () => {
    expect(await review(start, leaky, `${leaky}\nint more;\n`)).toEqual([
      'error lock-leak 5 true pump() returns here with w->lock held',
    ]);
  });
  it('says nothing of a series that is right all the way', async () => {
    expect(await review(start, right, `${right}\nint more;\n`)).toEqual([]);
  });
  it('says nothing of what was there before', async () => {
    expect(await review(leaky, `${leaky}\nint more;\n`, right)).toEqual([]);
  });
});
