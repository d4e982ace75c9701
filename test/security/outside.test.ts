/** What lies outside the tree stays there, and numbers of any size are numbers. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, type Review, reviewFiles, reviewPatches } from '../../engine/review/index.ts';
import { createEngine } from '../../extension/server/engine.ts';
import type { ReviewRequest } from '../../extension/server/reviewer.ts';
import { openDirectoryTree } from '../../extension/tree/index.ts';
import { temporaryDirectory } from '../cli/fake.ts';
import { testParser } from '../engine/parser.ts';

const parser = await testParser();

const LEAKS = [
  'int secret_get(struct secret *s)',
  '{',
  '\tmutex_lock(&s->lock);',
  '\tif (s->gone)',
  '\t\treturn -ENOENT;',
  '\tmutex_unlock(&s->lock);',
  '\treturn 0;',
  '}',
  '',
].join('\n');

/** A tree, with a file beside it that no review may see. */
function place(): { root: string; tree: string } {
  const root = temporaryDirectory();
  const tree = path.join(root, 'linux');
  mkdirSync(path.join(tree, 'mm'), { recursive: true });
  writeFileSync(path.join(tree, 'Makefile'), 'VERSION = 7\nPATCHLEVEL = 2\n');
  writeFileSync(path.join(root, 'secret.c'), LEAKS);
  writeFileSync(path.join(root, 'secret.h'), LEAKS);
  return { root, tree };
}

/** A patch that shows two lines of the secret file and would have the rest of it read. */
const patchOf = (name: string) => `diff --git a/${name} b/${name}
--- a/${name}
+++ b/${name}
@@ -5,3 +5,4 @@ int secret_get(struct secret *s)
 \t\treturn -ENOENT;
+\ts->count++;
 \tmutex_unlock(&s->lock);
 \treturn 0;
`;

describe('a file outside the tree', () => {
  it.each(['../secret.c', 'mm/../../secret.c', './../secret.c', '..\\secret.c', 'mm/..//../secret.c'])(
    'is not read for a patch of %s',
    async (name) => {
      const { tree } = place();
      const text = patchOf(name);
      const review = await reviewPatches(
        [{ name: 'a.patch', text }],
        openDirectoryTree(tree),
        { ...DEFAULT_OPTIONS, all: true },
        parser,
      );
      expect(JSON.stringify(review)).not.toContain('s->gone');
      expect(review.notes.map((note) => note.message).join('\n')).not.toBe('');
    },
  );

  it('is not read by its absolute path', async () => {
    const { root, tree } = place();
    const text = patchOf(path.join(root, 'secret.c'));
    const review = await reviewPatches(
      [{ name: 'a', text }],
      openDirectoryTree(tree),
      { ...DEFAULT_OPTIONS, all: true },
      parser,
    );
    expect(JSON.stringify(review)).not.toContain('s->gone');
  });

  it('is not read through a link of the tree, to a file or to its folder', async () => {
    const { root, tree } = place();
    symlinkSync(path.join(root, 'secret.c'), path.join(tree, 'mm/link.c'));
    symlinkSync(root, path.join(tree, 'mm/folder'));
    symlinkSync('../../secret.h', path.join(tree, 'mm/secret.h'));
    const opened = openDirectoryTree(tree);
    for (const name of ['mm/link.c', 'mm/folder/secret.c', 'mm/secret.h']) {
      const inputs = [{ name: 'a', text: patchOf(name) }];
      const patch = await reviewPatches(inputs, opened, { ...DEFAULT_OPTIONS, all: true }, parser);
      const whole = await reviewFiles([{ path: name }], opened, DEFAULT_OPTIONS, parser);
      expect(JSON.stringify([patch, whole])).not.toContain('s->gone');
    }
    expect((await opened.findDefinitions(['secret_get'])).size).toBe(0);
    expect((await opened.findWords(['secret_get'])).size).toBe(0);
    expect(opened.problems().join('\n')).toContain('leads out of the tree');
  });

  it('is not written, and neither is the tree', async () => {
    const { root, tree } = place();
    const all = () => readdirSync(root, { recursive: true }).sort();
    const before = all();
    for (const name of ['../new.c', 'mm/new.c']) {
      const text = `diff --git a/${name} b/${name}\nnew file mode 120000\n--- /dev/null\n+++ b/${name}\n@@ -0,0 +1 @@\n+/etc/passwd\n`;
      const review = await reviewPatches(
        [{ name: 'a', text }],
        openDirectoryTree(tree),
        DEFAULT_OPTIONS,
        parser,
      );
      expect(review.notes).not.toEqual([]);
    }
    expect(all()).toEqual(before);
  });
});

describe('a workspace that is not trusted', () => {
  it('cannot hide an error by its configuration file', async () => {
    const { tree } = place();
    writeFileSync(path.join(tree, 'mm/own.c'), LEAKS);
    writeFileSync(path.join(tree, '.lock-review.json'), '{"rules":{"lock-leak":"off"}}');
    const rules = async (mayExecute: boolean) => {
      const request: ReviewRequest = {
        key: `${mayExecute}`,
        subject: { kind: 'files', paths: ['mm/own.c'] },
        tree,
        overlay: {},
        mayExecute,
        cache: false,
        all: true,
        config: {},
        rules: {},
      };
      const engine = createEngine(testParser, (root) => openDirectoryTree(root));
      const review = (await engine(request, { kind: 'review' }, () => false)) as Review;
      return review.findings.map((one) => one.rule);
    };
    expect(await rules(false)).toEqual(['lock-leak']);
    expect(await rules(true)).toEqual([]);
  });
});

const HUGE = ['9'.repeat(400), '0x'.concat('f'.repeat(400)), '18446744073709551616', '1e999', '-1', '0b1'];

describe('a huge number', () => {
  it.each(HUGE)('%s in a hunk is told, and costs nothing', async (number) => {
    for (const line of [
      `@@ -${number} +1 @@`,
      `@@ -1,${number} +1,${number} @@`,
      `@@ -1 +${number},3 @@`,
      `@@ -${number},1 +${number},1 @@`,
    ]) {
      const text = `--- a/m.c\n+++ b/m.c\n${line}\n-a\n+b\n`;
      const review = await reviewPatches([{ name: 'a', text }], null, DEFAULT_OPTIONS, parser);
      expect(review.findings).toEqual([]);
      expect(review.notes.length).toBeGreaterThan(0);
    }
  });

  it.each(HUGE)('%s in C is a number', async (number) => {
    const text = `#line ${number} "x.c"
#define N ${number}
#if ${number} > N
static int array[${number}];
#endif
int f(struct s *s, unsigned long x)
{
	mutex_lock(&s->m[${number}]);
	for (x = 0; x < ${number}; x += ${number})
		s->a[${number}] = x << ${number};
	switch (x) {
	case 1 ... ${number}:
		break;
	}
	mutex_unlock(&s->m[${number}]);
	return N;
}
`;
    const review = await reviewFiles([{ path: 'm.c', text }], null, DEFAULT_OPTIONS, parser);
    expect(review.stats.functions).toBe(1);
    expect(review.findings.filter((one) => one.level === 'error')).toEqual([]);
  });
});
