/** Several messages in one input: which are copies, which are versions, and in what order they apply. */
import { describe, expect, it } from 'vitest';
import {
  formatPatch,
  isPatchText,
  type Patch,
  parseSeries,
  reverseSeries,
} from '../../../engine/patch/index.ts';
import { quoted } from './disguises.ts';

function diff(name: string, line = 1): string {
  return [
    `diff --git a/drivers/toy/${name}.c b/drivers/toy/${name}.c`,
    `--- a/drivers/toy/${name}.c`,
    `+++ b/drivers/toy/${name}.c`,
    `@@ -${line},3 +${line},3 @@ int ${name}(void)`,
    ' {',
    `-\treturn ${name}_before();`,
    `+\treturn ${name}_after();`,
    ' }',
    '',
  ].join('\n');
}

function mail(subject: string, body: string, id: string, parent = ''): string {
  return [
    'From mboxrd@z Thu Jan  1 00:00:00 1970',
    `From: ${subject.startsWith('Re:') ? 'Bob Reviewer <bob@example.org>' : 'Ann Author <ann@example.org>'}`,
    `Subject: ${subject}`,
    `Message-ID: <${id}>`,
    ...(parent === '' ? [] : [`In-Reply-To: <${parent}>`]),
    '',
    body,
    '',
  ].join('\n');
}

const brief = (patches: readonly Patch[]) =>
  patches.map((patch) => [patch.number, patch.subject, patch.files.map((file) => file.newPath).join(' ')]);

describe('order', () => {
  it('the numbers of the subjects decide', async () => {
    const text = [3, 1, 2]
      .map((n) => mail(`[PATCH v2 ${n}/3] toy: ${n}`, diff(`f${n}`), `${n}@x`, 'cover@x'))
      .join('');
    const { value, problems } = await parseSeries(text);
    expect(value.patches.map((patch) => patch.number)).toEqual([1, 2, 3]);
    expect(problems).toEqual([]);
  });

  it('two series of one length stay apart by their threads', async () => {
    const one = (n: number) => mail(`[PATCH ${n}/2] one: ${n}`, diff(`one${n}`), `one${n}@x`, 'one@x');
    const two = (n: number) => mail(`[PATCH ${n}/2] two: ${n}`, diff(`two${n}`), `two${n}@x`, 'two@x');
    const { value, problems } = await parseSeries(one(2) + two(2) + two(1) + one(1));
    expect(value.patches.map((patch) => patch.subject)).toEqual(['one: 1', 'one: 2', 'two: 1', 'two: 2']);
    expect(problems).toEqual([]);
  });

  it('a log is turned round, also where only the hashes of the blobs tell', async () => {
    const commit = (id: string, blobs: string) =>
      `${id} toy: ${blobs}\n${diff('f').replace('--- a', `index ${blobs} 100644\n--- a`)}\n`;
    const newestFirst = await parseSeries(
      commit('2222222', 'bbbbbbb..ccccccc') + commit('1111111', 'aaaaaaa..bbbbbbb'),
    );
    expect(newestFirst.value.patches.map((patch) => patch.commit)).toEqual(['1111111', '2222222']);
    const oldestFirst = await parseSeries(
      commit('1111111', 'aaaaaaa..bbbbbbb') + commit('2222222', 'bbbbbbb..ccccccc'),
    );
    expect(oldestFirst.value.patches.map((patch) => patch.commit)).toEqual(['1111111', '2222222']);
  });

  it('a commit named in a message does not begin another', async () => {
    const text = mail(
      '[PATCH] toy: x',
      `This is for\n\ncommit 0123456789abcdef\nAuthor: Someone Else <x@y>\n\n    old title\n---\n${diff('f')}`,
      '1@x',
    );
    const { value } = await parseSeries(text);
    expect(value.patches.map((patch) => patch.subject)).toEqual(['toy: x']);
    expect(value.patches[0]!.description).toHaveLength(6);
  });

  it('fields of a mail in a commit message do not begin another', async () => {
    const text = mail(
      '[PATCH] toy: x',
      `A mail with\n\nFrom: nobody\nSubject: nothing\n\nbreaks it.\n---\n${diff('f')}`,
      '1@x',
    );
    const { value } = await parseSeries(text);
    expect(value.patches.map((patch) => patch.subject)).toEqual(['toy: x']);
  });
});

describe('copies', () => {
  it('the same mail from two lists is one patch', async () => {
    const one = mail('[PATCH] toy: x', diff('f'), '1@x');
    const { value, problems } = await parseSeries(
      one + one.replace('Subject: ', 'List-Id: other\nSubject: '),
    );
    expect(value.patches).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  it('two patches that do the same in two places are two', async () => {
    const { value } = await parseSeries(
      mail('[PATCH] toy: x', diff('f'), '1@x') + mail('[PATCH] toy: x', diff('f', 90), '2@x'),
    );
    expect(value.patches).toHaveLength(2);
  });

  it('what one quotation cut, another has', async () => {
    const whole = `${diff('f')}${diff('g')}${diff('h')}`;
    const first = quoted(diff('f') + diff('g'));
    const second = quoted(diff('g') + diff('h'));
    const text =
      mail('Re: [PATCH 2/9] toy: x', first, 'r1@x', '2@x') +
      mail('Re: [PATCH 2/9] toy: x', second, 'r2@x', '2@x');
    const { value, problems } = await parseSeries(text);
    expect(brief(value.patches)).toEqual([[2, 'toy: x', 'drivers/toy/f.c drivers/toy/g.c drivers/toy/h.c']]);
    expect(value.patches[0]!.messageId).toBe('2@x');
    expect(formatPatch(value)).toBe(whole);
    expect(problems).toEqual([]);
  });

  it('the better copy of a hunk wins, and what was lost in the other is not told', async () => {
    const cut = quoted(diff('f')).replace('> +\treturn f_after();\n', '[...]\n');
    const { value, problems } = await parseSeries(
      mail('Re: [PATCH] toy: x', cut, 'r1@x', '1@x') +
        mail('Re: [PATCH] toy: x', quoted(diff('f')), 'r2@x', '1@x'),
    );
    expect(formatPatch(value)).toBe(diff('f'));
    expect(problems).toEqual([]);
  });

  it('an unquoted copy in a reply is a copy', async () => {
    const { value, problems } = await parseSeries(
      mail('[PATCH] toy: x', diff('f'), '1@x') +
        mail('Re: [PATCH] toy: x', `Applied.\n\n${diff('f')}`, 'r@x', '1@x'),
    );
    expect(value.patches).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  it('a diff in a reply that changes the same place in another way is a proposal', async () => {
    const other = diff('f').replace('f_after();', 'f_after_all();');
    const { value, problems } = await parseSeries(
      mail('[PATCH 1/1] toy: x', diff('f'), '1@x') +
        mail('Re: [PATCH 1/1] toy: x', `Or so:\n\n${other}`, 'r@x', '1@x'),
    );
    expect(value.patches.map((patch) => [patch.number, patch.author])).toEqual([
      [1, 'Ann Author <ann@example.org>'],
      [null, 'Bob Reviewer <bob@example.org>'],
    ]);
    expect(value.patches[1]!.description).toEqual(['Or so:']);
    expect(problems).toEqual([
      { line: expect.any(Number), message: expect.stringContaining('a reply proposes this diff') },
    ]);
  });

  it('a quoted proposal is no copy of the patch', async () => {
    const body = `> On x, Bob wrote:\n>\n> Or so:\n>\n${quoted(diff('other'))}\nYes.`;
    const { value } = await parseSeries(
      mail('[PATCH] toy: x', diff('f'), '1@x') + mail('Re: [PATCH] toy: x', body, 'r@x', '1@x'),
    );
    expect(value.patches.map((patch) => patch.files[0]!.newPath)).toEqual([
      'drivers/toy/f.c',
      'drivers/toy/other.c',
    ]);
  });
});

describe('versions', () => {
  it('the newest is taken and the others are named', async () => {
    const v1 =
      mail('[PATCH 1/2] toy: a', diff('a'), 'a1@x') + mail('[PATCH 2/2] toy: b', diff('b'), 'b1@x', 'a1@x');
    const v2 =
      mail('[PATCH v2 1/2] toy: a', diff('a', 7), 'a2@x') +
      mail('[PATCH v2 2/2] toy: b', diff('b', 7), 'b2@x', 'a2@x');
    const { value, problems } = await parseSeries(v1 + v2);
    expect(value.patches.map((patch) => patch.messageId)).toEqual(['a2@x', 'b2@x']);
    expect(problems.map((problem) => problem.message.slice(0, 18))).toEqual([
      'version 1 of "toy:',
      'version 1 of "toy:',
    ]);
  });

  it('an unrelated first version is kept', async () => {
    const { value, problems } = await parseSeries(
      mail('[PATCH] toy: a', diff('a'), 'a1@x') + mail('[PATCH v2] toy: b', diff('b'), 'b2@x'),
    );
    expect(value.patches).toHaveLength(2);
    expect(problems).toEqual([]);
  });
});

describe('who and what', () => {
  it.each([
    ['On Mon, Jan 6, 2025 at 10:00 AM Ann Author <ann@example.org> wrote:', 'Ann Author <ann@example.org>'],
    ['On Mon, 6 Jan 2025 10:00:00 +0100, Ann Author wrote:', 'Ann Author'],
    ['On Mon, Jan 06, 2025 at 10:00:00AM +0100, Ann Author wrote:', 'Ann Author'],
    ['On 1/6/25 10:00, Ann Author (Toys) wrote:', 'Ann Author (Toys)'],
    [
      'On Mon, 6 Jan 2025 10:00:00 -0500\nAnn Author <ann@example.org> wrote:',
      'Ann Author <ann@example.org>',
    ],
    ['On Mon, Jan 6, 2025 at 10:00 AM Ann Author\n<ann@example.org> wrote:', 'Ann Author <ann@example.org>'],
    ['Ann Author <ann@example.org> writes:', 'Ann Author <ann@example.org>'],
  ])('%s', async (line, author) => {
    const { value } = await parseSeries(
      mail('Re: [PATCH] toy: x', `${line}\n>\n${quoted(diff('f'))}`, 'r@x'),
    );
    expect(value.patches[0]!.author).toBe(author);
  });

  it('who signed it off, where nobody is named', async () => {
    const body = quoted(`Text.\n\nSigned-off-by: Ann Author <ann@example.org>\n---\n${diff('f')}`);
    const { value } = await parseSeries(mail('Re: [PATCH] toy: x', body, 'r@x'));
    expect(value.patches[0]).toMatchObject({
      author: 'Ann Author <ann@example.org>',
      description: ['Text.', '', 'Signed-off-by: Ann Author <ann@example.org>'],
    });
  });

  it('a From: in the body is the author', async () => {
    const body = `From: Carol Coder <carol@example.org>\n\nText.\n---\n${diff('f')}`;
    const { value } = await parseSeries(mail('[PATCH] toy: x', body, '1@x'));
    expect(value.patches[0]).toMatchObject({
      author: 'Carol Coder <carol@example.org>',
      description: ['Text.'],
    });
  });

  it.each([
    ['[PATCH] toy: x', 'toy: x', null, null],
    ['[PATCH net-next v3 02/11] toy: x', 'toy: x', 2, 11],
    ['[RFC PATCH 1/2] [toy] x', '[toy] x', 1, 2],
    ['[toy-list] [PATCH v2] toy: x', 'toy: x', null, null],
    ['[v5,2/3] toy: x', 'toy: x', 2, 3],
    ['[PATCHv4 1/1] toy: x', 'toy: x', 1, 1],
    ['AW: Re: Re[2]: [PATCH 1/2] toy: x', 'toy: x', 1, 2],
    ['toy: x [was: y]', 'toy: x [was: y]', null, null],
    ['[tip: toy/core] toy: x', '[tip: toy/core] toy: x', null, null],
    ['=?utf-8?q?=5BPATCH_1/2=5D_toy=3A_=C3=BC?=', 'toy: ü', 1, 2],
  ])('subject %s', async (text, subject, number, total) => {
    const { value } = await parseSeries(mail(text, diff('f'), '1@x'));
    expect(value.patches[0]).toMatchObject({ subject, number, total });
  });
});

describe('reverse and format', () => {
  it('turns new files into deleted ones, renames round, and the order of the patches', async () => {
    const text = `diff --git a/n.c b/n.c\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+int n;\ndiff --git a/o.c b/p.c\nrename from o.c\nrename to p.c\n`;
    const { value } = await parseSeries(
      mail('[PATCH 1/2] a', text, '1@x') + mail('[PATCH 2/2] b', diff('f'), '2@x'),
    );
    const back = reverseSeries(value);
    expect(back.patches.map((patch) => patch.subject)).toEqual(['b', 'a']);
    expect(formatPatch(back)).toBe(
      `${diff('f').replace('-\treturn f_before();\n+\treturn f_after();', '-\treturn f_after();\n+\treturn f_before();')}diff --git a/p.c b/o.c\nrename from p.c\nrename to o.c\ndiff --git a/n.c b/n.c\ndeleted file mode 100644\nindex 1111111..0000000\n--- a/n.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int n;\n`,
    );
    expect(reverseSeries(back)).toEqual(value);
  });

  it('the reverse of a copy removes the copy', async () => {
    const { value } = await parseSeries(
      'diff --git a/o.c b/p.c\nsimilarity index 100%\ncopy from o.c\ncopy to p.c\n',
    );
    expect(reverseSeries(value).patches[0]!.files[0]).toMatchObject({
      oldPath: 'p.c',
      newPath: null,
      isCopy: false,
    });
  });

  it('gives a hunk without a place one behind the hunk before it', async () => {
    const text = quoted(
      '--- a/x.c\n+++ b/x.c\n@@ -5,9 +5,9 @@\n int a;\n-int b;\n+int c;\n[...]\n int d;\n-int e;\n+int f;\n',
    );
    const { value } = await parseSeries(text);
    expect(value.patches[0]!.files[0]!.hunks.map((hunk) => hunk.oldStart)).toEqual([5, null]);
    expect(formatPatch(value).match(/^@@.*/gm)).toEqual(['@@ -5,2 +5,2 @@', '@@ -7,2 +7,2 @@']);
  });
});

describe('isPatchText', () => {
  it.each([
    ['a diff', diff('f'), true],
    ['a quoted diff', quoted(diff('f'), 3), true],
    ['an indented diff', quoted(diff('f'), 1, '    '), true],
    ['a rename alone', 'diff --git a/x b/y\nrename from x\nrename to y\n', true],
    ['a diff in one line', diff('f').replaceAll('\n', ' '), true],
    ['an encoded mail', 'From: a\nSubject: b\nContent-Transfer-Encoding: base64\n\nQUFB\n', true],
    ['nothing', '', false],
    ['prose', 'Hello,\n\nplease apply the patch @@ that I sent.\n', false],
    ['C', '#include <x.h>\nint a = b - c;\n', false],
    ['a semantic patch', '@@\nexpression E;\n@@\n- foo(E)\n+ bar(E)\n', false],
  ])('%s', (_, text, expected) => {
    expect(isPatchText(text)).toBe(expected);
  });
});
