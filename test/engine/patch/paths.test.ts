/** Names in diff headers: what they stand for, and which are refused. */
import { describe, expect, it } from 'vitest';
import { type FilePatch, formatPatch, parseSeries } from '../../../engine/patch/index.ts';

async function only(text: string): Promise<FilePatch | undefined> {
  return (await parseSeries(text)).value.patches[0]?.files[0];
}

function plain(old: string, now: string): string {
  return `--- ${old}\n+++ ${now}\n@@ -1,2 +1,2 @@\n int a;\n-int b;\n+int c;\n`;
}

describe('names of a plain diff', () => {
  it.each([
    ['a/mm/x.c', 'b/mm/x.c', 'mm/x.c', 'mm/x.c'],
    ['i/mm/x.c', 'w/mm/x.c', 'mm/x.c', 'mm/x.c'],
    ['linux.orig/mm/x.c\t2025-01-06 10:00:00', 'linux/mm/x.c\t2025-01-06 10:00:00', 'mm/x.c', 'mm/x.c'],
    ['linux-6.1/mm/x.c', 'mm/x.c', 'mm/x.c', 'mm/x.c'],
    ['mm/x.c', 'mm/x.c', 'mm/x.c', 'mm/x.c'],
    ['mm/x.c.orig', 'mm/x.c', 'mm/x.c', 'mm/x.c'],
    ['mm/x.c~', 'mm/x.c', 'mm/x.c', 'mm/x.c'],
    ['x.c', 'x.c', 'x.c', 'x.c'],
    ['a/x (copy).c', 'b/x (copy).c', 'x (copy).c', 'x (copy).c'],
    ['a/mm/x.c Mon Jan  6 10:00:00 2025', 'b/mm/x.c Mon Jan  6 10:00:00 2025', 'mm/x.c', 'mm/x.c'],
    ['mm/x.c (revision 12)', 'mm/x.c (working copy)', 'mm/x.c', 'mm/x.c'],
    ['"a/mm/\\303\\274.c"', '"b/mm/\\303\\274.c"', 'mm/ü.c', 'mm/ü.c'],
    ['"a/tab\\\\back.c"', '"b/tab\\\\back.c"', 'tab\\back.c', 'tab\\back.c'],
    ['/dev/null', 'b/mm/x.c', null, 'mm/x.c'],
    ['a/mm/x.c', '/dev/null', 'mm/x.c', null],
  ])('%s and %s', async (old, now, oldPath, newPath) => {
    const text =
      oldPath === null
        ? `--- ${old}\n+++ ${now}\n@@ -0,0 +1 @@\n+int a;\n`
        : newPath === null
          ? `--- ${old}\n+++ ${now}\n@@ -1 +0,0 @@\n-int a;\n`
          : plain(old, now);
    expect(await only(text)).toMatchObject({ oldPath, newPath, isRename: false });
  });

  it('takes the first component off a new file where a sibling shows what it is', async () => {
    const text = `${plain('linux.old/mm/x.c', 'linux.new/mm/x.c')}--- /dev/null\n+++ linux.new/mm/y.c\n@@ -0,0 +1 @@\n+int y;\n`;
    const { value } = await parseSeries(text);
    expect(value.patches[0]!.files.map((file) => file.newPath)).toEqual(['mm/x.c', 'mm/y.c']);
  });
});

describe('names of git', () => {
  const git = (names: string, ...rest: string[]) =>
    [`diff --git ${names}`, 'old mode 100644', 'new mode 100755', ...rest, ''].join('\n');

  it.each([
    ['a/mm/x.c b/mm/x.c', 'mm/x.c', 'mm/x.c'],
    ['mm/x.c mm/x.c', 'mm/x.c', 'mm/x.c'],
    ['a/with space.c b/with space.c', 'with space.c', 'with space.c'],
    ['a/a b/c.c b/a b/c.c', 'a b/c.c', 'a b/c.c'],
    ['"a/q\\"uote.c" "b/q\\"uote.c"', 'q"uote.c', 'q"uote.c'],
    ['c/mm/x.c i/mm/x.c', 'mm/x.c', 'mm/x.c'],
  ])('%s', async (names, oldPath, newPath) => {
    expect(await only(git(names))).toMatchObject({ oldPath, newPath, oldMode: '100644', newMode: '100755' });
  });

  it('a name that a mailer broke over two lines', async () => {
    const text = `diff --git a/drivers/a/very/long/directory/name/of/a/toy.c\nb/drivers/a/very/long/directory/name/of/a/toy.c\nindex 1111111..2222222 100644\n${plain('a/drivers/a/very/long/directory/name/of/a/toy.c', 'b/drivers/a/very/long/directory/name/of/a/toy.c')}`;
    const { value, problems } = await parseSeries(text);
    expect(value.patches[0]!.files).toHaveLength(1);
    expect(value.patches[0]!.files[0]).toMatchObject({
      newPath: 'drivers/a/very/long/directory/name/of/a/toy.c',
      newBlob: '2222222',
    });
    expect(problems).toEqual([]);
  });

  it('a rename and its way back through text', async () => {
    const text = `diff --git a/mm/a.c b/mm/b.c\nsimilarity index 100%\nrename from mm/a.c\nrename to mm/b.c\n`;
    const { value, problems } = await parseSeries(text);
    expect(problems).toEqual([]);
    expect(value.patches[0]!.files[0]).toMatchObject({
      oldPath: 'mm/a.c',
      newPath: 'mm/b.c',
      isRename: true,
      hunks: [],
    });
    expect(formatPatch(value)).toBe('diff --git a/mm/a.c b/mm/b.c\nrename from mm/a.c\nrename to mm/b.c\n');
  });

  it('quotes what git would quote', async () => {
    const { value } = await parseSeries(git('"a/\\303\\274 \\"x\\".c" "b/\\303\\274 \\"x\\".c"'));
    expect(formatPatch(value)).toContain('diff --git "a/\\303\\274 \\"x\\".c" "b/\\303\\274 \\"x\\".c"');
  });
});

describe('names that are refused', () => {
  it.each([
    ['a/../x.c', 'leads out of the tree'],
    ['a/mm/../../x.c', 'leads out of the tree'],
    ['a/..\\..\\x.c', 'leads out of the tree'],
    ['/etc/passwd', 'is absolute'],
    ['\\\\server\\share\\x.c', 'is absolute'],
    ['C:/x.c', 'names a drive'],
    ['c:\\x.c', 'names a drive'],
    ['"a/nul\\000.c"', 'NUL'],
    ['"a/line\\nbreak.c"', 'control characters'],
    ['a/.git/config', "repository's own files"],
    [`a/${'x'.repeat(5_000)}`, 'longer than'],
  ])('%s', async (name, reason) => {
    const after = name.startsWith('"a/') ? name.replace('"a/', '"b/') : name.replace(/^a\//, 'b/');
    const text = `--- a/good.c\n+++ b/good.c\n@@ -1 +1 @@\n-a\n+b\n${plain(name, after)}`;
    const { value, problems } = await parseSeries(text);
    expect(value.patches[0]!.files.map((file) => file.newPath)).toEqual(['good.c']);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.line).toBe(6);
    expect(problems[0]!.message).toContain(reason);
  });

  it.each(['120000', '160000'])('a file of mode %s', async (mode) => {
    const text = `diff --git a/link b/link\nnew file mode ${mode}\n--- /dev/null\n+++ b/link\n@@ -0,0 +1 @@\n+x\n`;
    const { value, problems } = await parseSeries(text);
    expect(value.patches).toEqual([]);
    expect(problems[0]).toMatchObject({ line: 1 });
    expect(problems[0]!.message).toContain(mode);
  });
});
