import { describe, expect, it } from 'vitest';
import { buildImages, memoryTree, postTree, preTree } from '../../../engine/source/index.ts';
import { damaged, seriesOf } from './diff.ts';

const lines = (...text: string[]) => `${text.join('\n')}\n`;

const COUNTER = lines(
  'static int count;',
  '',
  'int counter_get(void)',
  '{',
  '\treturn count;',
  '}',
  '',
  'int counter_add(int n)',
  '{',
  '\tif (n < 0)',
  '\t\treturn -1;',
  '\tcount += n;',
  '\treturn 0;',
  '}',
);

const LOCK = lines(
  'diff --git a/lib/counter.c b/lib/counter.c',
  'index 1111111..2222222 100644',
  '--- a/lib/counter.c',
  '+++ b/lib/counter.c',
  '@@ -7,8 +7,10 @@ int counter_get(void)',
  ' ',
  ' int counter_add(int n)',
  ' {',
  '+\tcounter_lock();',
  ' \tif (n < 0)',
  ' \t\treturn -1;',
  '-\tcount += n;',
  '+\tcount = count + n;',
  '+\tcounter_unlock();',
  ' \treturn 0;',
  ' }',
);

const PATCHED = lines(
  'static int count;',
  '',
  'int counter_get(void)',
  '{',
  '\treturn count;',
  '}',
  '',
  'int counter_add(int n)',
  '{',
  '\tcounter_lock();',
  '\tif (n < 0)',
  '\t\treturn -1;',
  '\tcount = count + n;',
  '\tcounter_unlock();',
  '\treturn 0;',
  '}',
);

const treeOf = (files: Record<string, string>) => memoryTree(new Map(Object.entries(files)));
const onlyImage = async (diff: string | string[], files: Record<string, string> | null) => {
  const tree = files === null ? null : treeOf(files);
  const { value, problems } = await buildImages(seriesOf(...[diff].flat()), tree);
  expect(value.files).toHaveLength(1);
  return { image: value.files[0]!, problems, value };
};

describe('buildImages with a tree', () => {
  it('applies a patch and maps the lines of both images and the input', async () => {
    const { image, problems } = await onlyImage(LOCK, { 'lib/counter.c': COUNTER });
    expect(problems).toEqual([]);
    expect(image.basis).toBe('tree');
    expect(image.isApplied).toBe(false);
    expect(image.pre).toBe(COUNTER);
    expect(image.post).toBe(PATCHED);
    expect(image.changedPostLines).toEqual([
      { start: 10, end: 10 },
      { start: 13, end: 14 },
    ]);
    expect(image.changedPreLines).toEqual([{ start: 12, end: 12 }]);
    expect(image.deletions).toEqual([{ after: 12, pre: { start: 12, end: 12 } }]);
    expect(image.postLineToInput(10)).toBe(9);
    expect(image.postLineToInput(11)).toBe(10);
    expect(image.postLineToInput(1)).toBeNull();
    expect(image.inputToPostLine(9)).toBe(10);
    expect(image.inputToPostLine(12)).toBeNull();
    expect(image.inputToPreLine(12)).toBe(12);
    expect(image.preLineToInput(12)).toBe(12);
    expect(image.preLineOf(10)).toBeNull();
    expect(image.preLineOf(11)).toBe(10);
    expect(image.postLineOf(12)).toBeNull();
    expect(image.postLineOf(13)).toBe(15);
    expect(image.origin(10)).toEqual({ pre: null, patch: 0 });
    expect(image.origin(1)).toEqual({ pre: 1, patch: null });
    expect(image.origin(99)).toBeNull();
    expect(image.sections).toEqual([{ postLine: 7, text: 'int counter_get(void)' }]);
  });

  it('recognises a tree that holds the post-image', async () => {
    const { image, problems } = await onlyImage(LOCK, { 'lib/counter.c': PATCHED });
    expect(problems).toEqual([]);
    expect(image.isApplied).toBe(true);
    expect(image.pre).toBe(COUNTER);
    expect(image.post).toBe(PATCHED);
    expect(image.changedPostLines[0]).toEqual({ start: 10, end: 10 });
  });

  it('finds a hunk that has moved', async () => {
    const moved = `/* one */\n/* two */\n${COUNTER}`;
    const { image, problems } = await onlyImage(LOCK, { 'lib/counter.c': moved });
    expect(problems).toEqual([]);
    expect(image.post).toBe(`/* one */\n/* two */\n${PATCHED}`);
    expect(image.postLineToInput(12)).toBe(9);
  });

  it('ignores up to two lines of context at the ends, and says so', async () => {
    const renamed = COUNTER.replace('int counter_add(int n)', 'long counter_add(long n)');
    const { image, problems } = await onlyImage(LOCK, { 'lib/counter.c': renamed });
    expect(image.post).toBe(PATCHED.replace('int counter_add(int n)', 'long counter_add(long n)'));
    expect(problems).toEqual([
      {
        line: 5,
        message: 'lib/counter.c: the hunk for line 7 is placed at line 7 with 2 lines of context ignored',
      },
    ]);
    expect(image.inputToPostLine(7)).toBeNull();
    expect(image.postLineToInput(8)).toBeNull();
  });

  it('does not take a brace and a blank line for a place', async () => {
    const diff = lines(
      '--- a/f.c',
      '+++ b/f.c',
      '@@ -20,6 +20,7 @@',
      ' \told_one();',
      ' }',
      ' ',
      '+static int fresh;',
      ' ',
      ' }',
      ' \told_two();',
    );
    const { image, problems } = await onlyImage(diff, { 'f.c': lines('a', '}', '', '', '}', 'b') });
    // The hunk alone is shown instead.
    expect(image.basis).toBe('fragment');
    expect(problems.map((one) => one.message)).toEqual([
      'f.c: 1 of 1 hunks do not fit the tree (memory); the hunks alone are used',
    ]);
  });

  it('puts a hunk for the end of a file nowhere else', async () => {
    const diff = lines(
      '--- a/f.c',
      '+++ b/f.c',
      '@@ -1,3 +1,4 @@',
      ' int a;',
      ' int b;',
      ' int c;',
      '+int d;',
    );
    expect((await onlyImage(diff, { 'f.c': 'int z;\nint a;\nint b;\nint c;\n' })).image.post).toBe(
      'int z;\nint a;\nint b;\nint c;\nint d;\n',
    );
    expect((await onlyImage(diff, { 'f.c': 'int a;\nint b;\nint c;\nint z;\n' })).image.basis).toBe(
      'fragment',
    );
    const top = lines(
      '--- a/f.c',
      '+++ b/f.c',
      '@@ -1,3 +1,4 @@',
      '+int d;',
      ' int a;',
      ' int b;',
      ' int c;',
    );
    expect((await onlyImage(top, { 'f.c': 'int z;\nint a;\nint b;\nint c;\n' })).image.basis).toBe(
      'fragment',
    );
  });

  it('puts whole functions whose context is lost behind the function that the hunk names', async () => {
    const diff = lines(
      '--- a/lib/counter.c',
      '+++ b/lib/counter.c',
      '@@ -3,6 +3,10 @@ int counter_get(void)',
      '+int counter_reset(void)',
      '+{',
      '+\treturn count = 0;',
      '+}',
    );
    const series = damaged(seriesOf(diff), 'partial');
    // The reader of these tests takes the line at the end of the text for context.
    const hunk = series.patches[0]!.files[0]!.hunks[0]!;
    const bare = { ...hunk, lines: hunk.lines.filter((line) => line.kind === 'added') };
    const file = { ...series.patches[0]!.files[0]!, hunks: [bare] };
    const { value, problems } = await buildImages(
      { patches: [{ ...series.patches[0]!, files: [file] }] },
      treeOf({ 'lib/counter.c': COUNTER }),
    );
    expect(value.files[0]!.post).toBe(
      COUNTER.replace(
        'return count;\n}\n',
        'return count;\n}\nint counter_reset(void)\n{\n\treturn count = 0;\n}\n',
      ),
    );
    expect(problems.map((one) => one.message)).toEqual([
      'lib/counter.c: the hunk for line 3 is placed at line 7 though lines of it are missing',
    ]);
  });

  it('does not add again what another version of the patch has added', async () => {
    const body = Array.from({ length: 12 }, (_, i) => `\tcounter_step_number(${i});`);
    const diff = lines(
      '--- a/f.c',
      '+++ b/f.c',
      '@@ -1,3 +1,17 @@',
      ' int a_variable;',
      ' int b_variable;',
      '+int run(void)',
      '+{',
      ...body.map((one) => `+${one}`),
      '+}',
      ' int c_variable;',
    ).replace('+1,17', '+1,18');
    const other = lines('int run(void)', '{', '\tcounter_check_first();', ...body, '}');
    const tree = lines('int a_variable;', 'int b_variable;', 'int c_variable;') + other;
    const { image } = await onlyImage(diff, { 'f.c': tree });
    expect(image.basis).toBe('fragment');
    expect(
      (await onlyImage(diff, { 'f.c': lines('int a_variable;', 'int b_variable;', 'int c_variable;') })).image
        .basis,
    ).toBe('tree');
  });

  it('takes hunks without context by their numbers, forth and back', async () => {
    const diff = lines(
      '--- a/f.c',
      '+++ b/f.c',
      '@@ -1,0 +2,2 @@',
      '+int b;',
      '+int c;',
      '@@ -3 +4,0 @@',
      '-int e;',
      '@@ -4,0 +5 @@',
      '+int g;',
    );
    const before = lines('int a;', 'int d;', 'int e;', 'int f;', 'int h;');
    const after = lines('int a;', 'int b;', 'int c;', 'int d;', 'int f;', 'int g;', 'int h;');
    expect((await onlyImage(diff, { 'f.c': before })).image).toMatchObject({
      pre: before,
      post: after,
      isApplied: false,
    });
    expect((await onlyImage(diff, { 'f.c': after })).image).toMatchObject({
      pre: before,
      post: after,
      isApplied: true,
    });
  });

  it('does not mind carriage returns in the tree', async () => {
    const { image, problems } = await onlyImage(LOCK, { 'lib/counter.c': COUNTER.replaceAll('\n', '\r\n') });
    expect(problems).toEqual([]);
    expect(image.post!.replaceAll('\r', '')).toBe(PATCHED);
    expect(image.changedPostLines).toHaveLength(2);
  });

  it('leaves a hunk out that does not fit and applies the others', async () => {
    const other = lines(
      '@@ -1,3 +1,4 @@',
      ' static int count;',
      '+static int limit;',
      ' ',
      ' int counter_get(void)',
    );
    const broken = LOCK.replace('@@ -7', `${other}@@ -7`);
    const changed = COUNTER.replace('\tcount += n;', '\tcount |= n;');
    const { image, problems } = await onlyImage(broken, { 'lib/counter.c': changed });
    expect(problems).toEqual([
      { line: 10, message: 'lib/counter.c: the hunk for line 7 does not fit; it is left out' },
    ]);
    expect(image.post).toBe(changed.replace('count;\n', 'count;\nstatic int limit;\n'));
  });

  it('takes the blob of the index line where the tree has moved on', async () => {
    const tree = {
      ...treeOf({ 'lib/counter.c': lines('int other;') }),
      readBlob: async (hash: string) => (hash === '1111111' ? COUNTER : null),
    };
    const { value, problems } = await buildImages(seriesOf(LOCK), tree);
    expect(problems).toEqual([]);
    expect(value.files[0]).toMatchObject({ basis: 'blob', pre: COUNTER, post: PATCHED });
  });

  it('says that a file is not in the tree and uses the hunks alone', async () => {
    const { image, problems } = await onlyImage(LOCK, { 'lib/other.c': 'int x;\n' });
    expect(image.basis).toBe('fragment');
    expect(problems).toEqual([
      { line: 1, message: 'lib/counter.c is not in the tree (memory); the hunks alone are used' },
    ]);
  });

  it('keeps a missing newline at the end of the file missing, and adds one where the patch does', async () => {
    const text = 'a\nb';
    const kept = lines(
      '--- a/f.c',
      '+++ b/f.c',
      '@@ -1,2 +1,3 @@',
      '+z',
      ' a',
      ' b',
      '\\ No newline at end of file',
    );
    expect((await onlyImage(kept, { 'f.c': text })).image.post).toBe('z\na\nb');
    const added = lines(
      '--- a/f.c',
      '+++ b/f.c',
      '@@ -1,2 +1,2 @@',
      ' a',
      '-b',
      '\\ No newline at end of file',
      '+b',
    );
    expect((await onlyImage(added, { 'f.c': text })).image.post).toBe('a\nb\n');
    const removed = lines(
      '--- a/f.c',
      '+++ b/f.c',
      '@@ -1,2 +1,2 @@',
      ' a',
      '-b',
      '+b',
      '\\ No newline at end of file',
    );
    expect((await onlyImage(removed, { 'f.c': 'a\nb\n' })).image.post).toBe(text);
  });

  it('does not read where a path leads out of the tree', async () => {
    const asked: string[] = [];
    const tree = { ...treeOf({}), read: async (path: string) => `int secret${asked.push(path)};\n` };
    for (const path of ['../etc/passwd', 'lib/../../x.c', 'C:\\x.c']) {
      const diff = LOCK.replaceAll('a/lib/counter.c', `a/${path}`).replaceAll('b/lib/counter.c', `b/${path}`);
      const { value, problems } = await buildImages(seriesOf(diff), tree);
      expect(problems[0]!.message).toContain('could lead out of the tree');
      expect(value.files[0]!.basis).toBe('fragment');
    }
    expect(asked).toEqual([]);
  });
});

describe('buildImages over a series', () => {
  const second = lines(
    'diff --git a/lib/counter.c b/lib/counter.c',
    '--- a/lib/counter.c',
    '+++ b/lib/counter.c',
    '@@ -8,7 +8,9 @@ int counter_get(void)',
    ' int counter_add(int n)',
    ' {',
    ' \tcounter_lock();',
    '-\tif (n < 0)',
    '+\tif (n < 0) {',
    '+\t\tcounter_unlock();',
    ' \t\treturn -1;',
    '+\t}',
    ' \tcount = count + n;',
    ' \tcounter_unlock();',
  );

  it('applies patches to one file in order and keeps each state', async () => {
    for (const tree of [{ 'lib/counter.c': COUNTER }, null]) {
      const { image, value, problems } = await onlyImage([LOCK, second], tree);
      expect(problems).toEqual([]);
      expect(value.steps.map((step) => step.patch)).toEqual([0, 1]);
      const states = value.steps.map((step) => step.files.get('lib/counter.c')!);
      expect(states[1]).toBe(image.post);
      expect(states[0]).not.toContain('if (n < 0) {');
      expect(image.post).toContain(
        '\tif (n < 0) {\n\t\tcounter_unlock();\n\t\treturn -1;\n\t}\n\tcount = count + n;\n',
      );
      expect(value.steps[0]!.lineToInput('lib/counter.c', 10)).toBe(9);
      // A line that the first patch adds and the second shows as context belongs to the first.
      expect(image.postLineToInput(10)).toBe(9);
      expect(image.inputToPostLine(9)).toBe(10);
      expect(image.inputToPostLine(23)).toBe(10);
      expect(image.origin(11)).toEqual({ pre: null, patch: 1 });
    }
  });

  it('recognises a tree in which a part of the series is applied', async () => {
    const { image, problems } = await onlyImage([LOCK, second], { 'lib/counter.c': PATCHED });
    expect(problems).toEqual([]);
    expect(image.pre).toBe(COUNTER);
    expect(image.isApplied).toBe(false);
    expect(image.post).toContain('if (n < 0) {');
  });

  it('follows a renamed file', async () => {
    const rename = lines(
      'diff --git a/lib/counter.c b/lib/tally.c',
      'similarity index 90%',
      'rename from lib/counter.c',
      'rename to lib/tally.c',
      '--- a/lib/counter.c',
      '+++ b/lib/tally.c',
      '@@ -1,3 +1,3 @@',
      '-static int count;',
      '+static int tally;',
      ' ',
      ' int counter_get(void)',
    );
    const later = LOCK.replaceAll('lib/counter.c', 'lib/tally.c');
    const tree = treeOf({ 'lib/counter.c': COUNTER });
    const { value, problems } = await buildImages(seriesOf(rename, later), tree);
    expect(problems).toEqual([]);
    expect(value.files).toHaveLength(1);
    expect(value.files[0]).toMatchObject({
      path: 'lib/tally.c',
      oldPath: 'lib/counter.c',
      isRename: true,
      pre: COUNTER,
    });
    expect(value.files[0]!.post).toBe(PATCHED.replace('int count;', 'int tally;'));
    expect(value.steps[0]!.touched).toEqual(['lib/counter.c', 'lib/tally.c']);
    expect(value.steps[0]!.files.get('lib/counter.c')).toBeNull();
    const after = postTree(value, tree);
    expect(await after.read('lib/counter.c')).toBeNull();
    expect(await after.list()).toEqual(['lib/tally.c']);
    expect(await preTree(value, after).list()).toEqual(['lib/counter.c']);
    // The tree that holds the renamed file is recognised as well.
    const again = await buildImages(
      seriesOf(rename, later),
      treeOf({ 'lib/tally.c': value.files[0]!.post! }),
    );
    expect(again.problems).toEqual([]);
    expect(again.value.files[0]).toMatchObject({ isApplied: true, pre: COUNTER });
  });

  it('swaps two names in one patch', async () => {
    const swap = lines(
      'diff --git a/a.c b/b.c',
      'rename from a.c',
      'rename to b.c',
      'diff --git a/b.c b/a.c',
      'rename from b.c',
      'rename to a.c',
    );
    const { value, problems } = await buildImages(
      seriesOf(swap),
      treeOf({ 'a.c': 'int a;\n', 'b.c': 'int b;\n' }),
    );
    expect(problems).toEqual([]);
    const after = postTree(value, treeOf({ 'a.c': 'int a;\n', 'b.c': 'int b;\n' }));
    expect(await after.read('a.c')).toBe('int b;\n');
    expect(await after.read('b.c')).toBe('int a;\n');
  });

  it('makes, copies and deletes files', async () => {
    const create = lines(
      'diff --git a/new.c b/new.c',
      'new file mode 100644',
      '--- /dev/null',
      '+++ b/new.c',
      '@@ -0,0 +1,2 @@',
      '+int made;',
      '+int also;',
    );
    const copy = lines(
      'diff --git a/new.c b/copy.c',
      'copy from new.c',
      'copy to copy.c',
      '--- a/new.c',
      '+++ b/copy.c',
      '@@ -1,2 +1,2 @@',
      '-int made;',
      '+int copied;',
      ' int also;',
    );
    const remove = lines(
      'diff --git a/old.c b/old.c',
      'deleted file mode 100644',
      '--- a/old.c',
      '+++ /dev/null',
      '@@ -1 +0,0 @@',
      '-int old;',
    );
    const series = seriesOf(create, copy, remove);
    const { value, problems } = await buildImages(series, treeOf({ 'old.c': 'int old;\n' }));
    expect(problems).toEqual([]);
    const [made, copied, removed] = value.files;
    expect(made).toMatchObject({
      path: 'new.c',
      oldPath: null,
      isNew: true,
      basis: 'new',
      pre: null,
      post: 'int made;\nint also;\n',
    });
    expect(made!.changedPostLines).toEqual([{ start: 1, end: 2 }]);
    expect(copied).toMatchObject({
      path: 'copy.c',
      oldPath: 'new.c',
      isCopy: true,
      post: 'int copied;\nint also;\n',
    });
    expect(removed).toMatchObject({ path: 'old.c', isDeleted: true, pre: 'int old;\n', post: null });
    expect(removed!.preLineToInput(1)).not.toBeNull();
    const bare = await buildImages(series, null);
    expect(bare.value.files.map((file) => file.post)).toEqual([
      'int made;\nint also;\n',
      'int copied;\nint also;\n',
      null,
    ]);
  });

  it('says so when a new file is in the tree already with another text', async () => {
    const create = lines(
      'diff --git a/n.c b/n.c',
      'new file mode 100644',
      '--- /dev/null',
      '+++ b/n.c',
      '@@ -0,0 +1 @@',
      '+int n;',
    );
    const same = await onlyImage(create, { 'n.c': 'int n;\n' });
    expect(same.problems).toEqual([]);
    expect(same.image.isApplied).toBe(true);
    const other = await onlyImage(create, { 'n.c': 'int m;\n' });
    expect(other.problems).toEqual([
      { line: 1, message: 'n.c: the series creates this file, but the tree has another one' },
    ]);
    expect(other.image.post).toBe('int n;\n');
  });

  it('keeps binary patches as such', async () => {
    const binary = lines(
      'diff --git a/logo.bin b/logo.bin',
      'index 1..2 100644',
      'Binary files a/logo.bin and b/logo.bin differ',
    );
    const { image } = await onlyImage(binary, { 'logo.bin': 'x' });
    expect(image).toMatchObject({ isBinary: true, pre: null, post: null, isDeleted: false });
  });
});

describe('buildImages without a tree', () => {
  it('rebuilds what the hunks show at the lines that they state', async () => {
    const { image, problems } = await onlyImage(LOCK, null);
    expect(problems).toEqual([]);
    expect(image.basis).toBe('fragment');
    expect(image.post).toBe('\n'.repeat(6) + PATCHED.split('\n').slice(6).join('\n'));
    expect(image.pre).toBe('\n'.repeat(6) + COUNTER.split('\n').slice(6).join('\n'));
    expect(image.unknownPostLines).toEqual([{ start: 1, end: 6 }]);
    expect(image.postLineToInput(10)).toBe(9);
  });

  it('puts hunks without numbers one behind the other', async () => {
    const series = damaged(seriesOf(LOCK), 'exact', true);
    const { value, problems } = await buildImages(series, null);
    expect(problems).toEqual([]);
    expect(value.files[0]!.post).toBe(PATCHED.split('\n').slice(6).join('\n'));
  });

  it('does not make up a file of a billion lines', async () => {
    const { image } = await onlyImage(LOCK.replace('@@ -7,8 +7,10', '@@ -1000000007,8 +1000000007,10'), null);
    expect(image.post!.length).toBeLessThan(1000);
    expect(image.inputToPostLine(9)).not.toBeNull();
  });
});

describe('hunks that the mail has damaged', () => {
  const squeeze = (diff: string) =>
    diff
      .split('\n')
      .map((line) => (/^[ +-]\s+\S/.test(line) ? line[0] + line.slice(1).trim() : line))
      .join('\n');

  it('places hunks without indentation, keeps the tree text and indents what is added', async () => {
    const series = damaged(seriesOf(squeeze(LOCK)), 'whitespace');
    const { value, problems } = await buildImages(series, treeOf({ 'lib/counter.c': COUNTER }));
    expect(problems).toEqual([]);
    expect(value.files[0]).toMatchObject({ pre: COUNTER, post: PATCHED });
  });

  it('takes the text of a tree that holds the post-image', async () => {
    const series = damaged(seriesOf(squeeze(LOCK)), 'whitespace');
    const { value } = await buildImages(series, treeOf({ 'lib/counter.c': PATCHED }));
    expect(value.files[0]).toMatchObject({ pre: COUNTER, post: PATCHED, isApplied: true });
  });

  it('places hunks without numbers by their text', async () => {
    const series = damaged(seriesOf(LOCK), 'exact', true);
    const { value, problems } = await buildImages(series, treeOf({ 'lib/counter.c': COUNTER }));
    expect(problems).toEqual([]);
    expect(value.files[0]!.post).toBe(PATCHED);
  });

  it('says so when a hunk without a number fits in several places', async () => {
    const text = COUNTER + COUNTER.replaceAll('counter', 'other');
    const diff = lines(
      '--- a/f.c',
      '+++ b/f.c',
      '@@ -12,3 +12,4 @@',
      ' \tcount += n;',
      '+\tcount++;',
      ' \treturn 0;',
      ' }',
    );
    const { value, problems } = await buildImages(
      damaged(seriesOf(diff), 'exact', true),
      treeOf({ 'f.c': text }),
    );
    expect(problems).toEqual([
      { line: 3, message: 'f.c: the hunk is placed at line 12 though 2 places would fit' },
    ]);
    expect(value.files[0]!.inputToPostLine(5)).toBe(13);
    const named = diff.replace('@@ -12,3 +12,4 @@', '@@ -12,3 +12,4 @@ int other_add(int n)');
    const again = await buildImages(damaged(seriesOf(named), 'exact', true), treeOf({ 'f.c': text }));
    expect(again.problems).toEqual([]);
    expect(again.value.files[0]!.inputToPostLine(5)).toBe(27);
  });

  it('places a hunk of which context lines are missing', async () => {
    const cut = lines(
      '--- a/lib/counter.c',
      '+++ b/lib/counter.c',
      '@@ -3,5 +3,6 @@',
      ' int counter_get(void)',
      ' int counter_add(int n)',
      ' {',
      '+\tcounter_lock();',
      ' \tif (n < 0)',
      ' \treturn 0;',
    );
    const series = damaged(seriesOf(cut), 'partial');
    const { value, problems } = await buildImages(series, treeOf({ 'lib/counter.c': COUNTER }));
    expect(value.files[0]!.post).toBe(COUNTER.replace('{\n\tif', '{\n\tcounter_lock();\n\tif'));
    expect(problems).toEqual([
      {
        line: 3,
        message: 'lib/counter.c: the hunk for line 3 is placed at line 3 though lines of it are missing',
      },
    ]);
  });
});

describe('input that was made to hurt', () => {
  it('is read to its end', async () => {
    const same = 'xx = 1;\n'.repeat(20_000);
    const hunks = Array.from({ length: 200 }, (_, i) => {
      const context = Array.from({ length: 6 }, (_, k) => (k === 5 ? ' never;' : ' xx = 1;'));
      return lines(
        `@@ -${i * 7 + 1},6 +${i * 7 + 1},7 @@`,
        ...context.slice(0, 3),
        '+added();',
        ...context.slice(3),
      );
    });
    const diff = `--- a/f.c\n+++ b/f.c\n${hunks.join('')}`;
    for (const fidelity of ['exact', 'whitespace', 'partial'] as const) {
      for (const unnumbered of [false, true]) {
        const { value, problems } = await buildImages(
          damaged(seriesOf(diff), fidelity, unnumbered),
          treeOf({ 'f.c': same }),
        );
        expect(value.files[0]!.changedPostLines).toHaveLength(200);
        expect(problems.length).toBeGreaterThan(0);
      }
    }
  });

  it('does not grow with the square of the number of patches', async () => {
    const patches = Array.from({ length: 120 }, (_, i) =>
      lines('--- a/f.c', '+++ b/f.c', `@@ -${i + 1},3 +${i + 1},4 @@`, ' xx', ' xx', ' xx', `+yy${i}`),
    );
    // The context ends the file: only there is a place for these.
    const { value } = await buildImages(seriesOf(...patches), treeOf({ 'f.c': 'xx\n'.repeat(5000) }));
    expect(value.steps).toHaveLength(120);
    const last = value.steps.at(-1)!.files.get('f.c')!;
    expect(last).toBe(value.files[0]!.post);
  });

  it('does not make up more lines than there is reason to', async () => {
    const far = Array.from({ length: 200 }, (_, i) =>
      lines(
        `diff --git a/f${i}.c b/f${i}.c`,
        `--- a/f${i}.c`,
        `+++ b/f${i}.c`,
        '@@ -190000 +190000,2 @@',
        ' a',
        '+b',
      ),
    ).join('');
    const { value } = await buildImages(seriesOf(far), null);
    expect(value.files).toHaveLength(200);
    const length = value.files.reduce((sum, image) => sum + image.post!.length, 0);
    expect(length).toBeLessThan(3_000_000);
    for (const image of value.files) expect(image.post!.trim()).toBe('a\nb');
  });
});
