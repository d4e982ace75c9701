import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { applyPatch, createTwoFilesPatch, parsePatch, reversePatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildImages, memoryTree, postTree, preTree } from '../../../engine/source/index.ts';
import { damaged, seriesOf } from './diff.ts';

/** Few different lines, so that hunks have many places where they might fit; some as in C. */
const line = fc.constantFrom(
  'a();',
  'b();',
  '\tif (x)',
  '\t\treturn;',
  '{',
  '}',
  '',
  'int f(void)',
  'x = 1;',
  'lock(&l);',
);
const text = fc
  .tuple(fc.array(line, { maxLength: 40 }), fc.boolean())
  .map(([lines, newline]) => (lines.length === 0 ? '' : lines.join('\n') + (newline ? '\n' : '')));

/** Edits at random places: what to delete, what to put there. */
const edits = fc.array(
  fc.record({ at: fc.nat(60), remove: fc.nat(3), add: fc.array(line, { maxLength: 3 }) }),
  {
    maxLength: 4,
  },
);

function edit(
  before: string,
  changes: readonly { at: number; remove: number; add: readonly string[] }[],
): string {
  const lines = before.split('\n');
  for (const { at, remove, add } of changes) lines.splice(at % (lines.length + 1), remove, ...add);
  return lines.join('\n');
}

function diffOf(before: string, after: string, context = 3): string {
  const body = createTwoFilesPatch('a/f.c', 'b/f.c', before, after, '', '', { context });
  return `diff --git a/f.c b/f.c\n${body.slice(body.indexOf('--- a/f.c')).replaceAll(/^(---|\+\+\+) (\S+).*$/gm, '$1 $2')}`;
}

const hasTools = ['git', 'patch'].every((program) => spawnSync(program, ['--version']).status === 0);
const treeOf = (content: string) => memoryTree(new Map([['f.c', content]]));
const hasHunks = (diff: string) => diff.includes('@@ ');

describe('applying', () => {
  it('gives what the diff was made from, and every line knows where it comes from', async () => {
    await fc.assert(
      fc.asyncProperty(text, edits, async (before, changes) => {
        const after = edit(before, changes);
        const diff = diffOf(before, after);
        fc.pre(hasHunks(diff));
        const { value, problems } = await buildImages(seriesOf(diff), treeOf(before));
        const image = value.files[0]!;
        expect(problems).toEqual([]);
        expect(image.pre).toBe(before);
        expect(image.post).toBe(after);
        const input = diff.split('\n');
        const posts = after.split('\n');
        const pres = before.split('\n');
        for (let line = 1; line <= posts.length - (after.endsWith('\n') || after === '' ? 1 : 0); line++) {
          const inputLine = image.postLineToInput(line);
          if (inputLine !== null) {
            expect(input[inputLine - 1]!.slice(1)).toBe(posts[line - 1]);
            expect(input[inputLine - 1]![0]).not.toBe('-');
            expect(image.inputToPostLine(inputLine)).toBe(line);
          }
          const preLine = image.preLineOf(line);
          const added = image.changedPostLines.some((range) => range.start <= line && line <= range.end);
          expect(preLine === null).toBe(added);
          if (preLine !== null) {
            expect(pres[preLine - 1]).toBe(posts[line - 1]);
            expect(image.postLineOf(preLine)).toBe(line);
          }
        }
        const removed = image.deletions.reduce((sum, gap) => sum + gap.pre.end - gap.pre.start + 1, 0);
        expect(removed).toBe(input.filter((one) => one.startsWith('-') && !one.startsWith('--- ')).length);
      }),
    );
  });

  it('and taking back is the identity', async () => {
    await fc.assert(
      fc.asyncProperty(text, edits, async (before, changes) => {
        const after = edit(before, changes);
        const forth = diffOf(before, after);
        fc.pre(hasHunks(forth));
        const back = diffOf(after, before);
        const both = await buildImages(seriesOf(forth, back), treeOf(before));
        expect(both.problems).toEqual([]);
        expect(both.value.files[0]!.post).toBe(before);
        expect(both.value.steps[0]!.files.get('f.c')).toBe(after);
      }),
    );
  });

  it('recognises the post-image, wherever the patch does not also fit as it is', async () => {
    await fc.assert(
      fc.asyncProperty(text, edits, async (before, changes) => {
        const after = edit(before, changes);
        const diff = diffOf(before, after);
        fc.pre(hasHunks(diff) && before !== '' && after !== '');
        const { value } = await buildImages(seriesOf(diff), treeOf(after));
        const image = value.files[0]!;
        if (image.isApplied) {
          expect(image.pre).toBe(before);
          expect(image.post).toBe(after);
        } else expect(image.pre).toBe(after);
        const tree = treeOf(after);
        expect(await preTree(value, tree).read('f.c')).toBe(image.pre);
        expect(await postTree(value, tree).read('f.c')).toBe(image.post);
      }),
    );
  });

  it('shows in a fragment just what the hunks show, at their lines', async () => {
    await fc.assert(
      fc.asyncProperty(text, edits, async (before, changes) => {
        const after = edit(before, changes);
        const diff = diffOf(before, after);
        fc.pre(hasHunks(diff));
        const { value, problems } = await buildImages(seriesOf(diff), null);
        const image = value.files[0]!;
        expect(problems).toEqual([]);
        const posts = after.split('\n');
        const unknown = (line: number) =>
          image.unknownPostLines.some((one) => one.start <= line && line <= one.end);
        for (const [i, shown] of (image.post ?? '').split('\n').slice(0, -1).entries()) {
          expect(shown).toBe(unknown(i + 1) ? '' : posts[i]);
        }
      }),
    );
  });

  it('survives hunks of any kind on any tree', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        edits,
        fc.constantFrom('exact' as const, 'whitespace' as const, 'partial' as const),
        fc.boolean(),
        async (before, other, changes, fidelity, unnumbered) => {
          const diff = diffOf(before, edit(before, changes));
          fc.pre(hasHunks(diff));
          for (const tree of [treeOf(other), null]) {
            const { value } = await buildImages(damaged(seriesOf(diff), fidelity, unnumbered), tree);
            const image = value.files[0]!;
            const lines = (image.post ?? '').split('\n').length;
            for (const range of image.changedPostLines) {
              expect(range.start).toBeGreaterThan(0);
              expect(range.end).toBeGreaterThanOrEqual(range.start);
              expect(range.end).toBeLessThanOrEqual(lines);
            }
          }
        },
      ),
    );
  });
});

describe('placing, beside other tools', () => {
  it('agrees with jsdiff where the diff fits at an offset', async () => {
    await fc.assert(
      fc.asyncProperty(text, edits, fc.array(line, { maxLength: 6 }), async (before, changes, above) => {
        const diff = diffOf(before, edit(before, changes));
        fc.pre(hasHunks(diff) && before !== '');
        const tree = above.map((one) => `${one}\n`).join('') + before;
        const theirs = applyPatch(tree, parsePatch(diff.slice(diff.indexOf('---')))[0]!);
        const { value, problems } = await buildImages(seriesOf(diff), treeOf(tree));
        // A hunk for the beginning or the end of a file may float for jsdiff, not for patch.
        const patch = seriesOf(diff).patches[0]!;
        fc.pre(
          patch.files[0]!.hunks.every((hunk) => isContext(hunk.lines[0]) && isContext(hunk.lines.at(-1))),
        );
        const image = value.files[0]!;
        fc.pre(theirs !== false && !image.isApplied);
        expect(problems).toEqual([]);
        expect(image.post).toBe(theirs);
      }),
    );
  });

  it.runIf(hasTools)(
    'accepts what git apply and patch accept, with the same result, needs git and patch',
    async () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lock-review-apply-'));
      try {
        // No braces and blank lines: patch takes one of them for context enough, which is too little.
        const statement = fc.nat(160).map((n) => `\tcall_${n}();`);
        const body = fc
          .array(statement, { minLength: 30, maxLength: 60 })
          .map((lines) => `${lines.join('\n')}\n`);
        const few = fc.array(
          fc.record({ at: fc.nat(60), remove: fc.nat(2), add: fc.array(statement, { maxLength: 2 }) }),
          {
            minLength: 1,
            maxLength: 3,
          },
        );
        const accepted = { git: 0, patch: 0 };
        for (const [before, changes, drift] of fc.sample(fc.tuple(body, few, few), {
          numRuns: 120,
          seed: 7,
        })) {
          const diff = diffOf(before, edit(before, changes));
          const tree = edit(before, drift);
          // Git joins lines at the end of a file without a newline when it applies a hunk elsewhere.
          if (!hasHunks(diff) || !tree.endsWith('\n') || diff.includes('\\ No newline')) continue;
          const { value, problems } = await buildImages(seriesOf(diff), treeOf(tree));
          const image = value.files[0]!;
          // Where the tree reads as holding the patch already, there is nothing to compare.
          if (image.isApplied) continue;
          const shown = { diff, tree };
          const byGit = run(folder, tree, diff, ['git', 'apply', '--whitespace=nowarn', 'p.diff']);
          if (byGit !== null) {
            accepted.git++;
            expect({ ...shown, problems, post: image.post }).toEqual({ ...shown, problems: [], post: byGit });
          }
          const byPatch = run(folder, tree, diff, ['patch', '-s', '-f', '-p1', '-i', 'p.diff']);
          if (byPatch !== null) {
            accepted.patch++;
            expect({ ...shown, problems, post: image.post }).toEqual({ ...shown, problems, post: byPatch });
          }
        }
        expect(accepted.git).toBeGreaterThan(20);
        expect(accepted.patch).toBeGreaterThan(accepted.git);
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    },
  );

  it('takes a patch back as jsdiff does', async () => {
    await fc.assert(
      fc.asyncProperty(text, edits, async (before, changes) => {
        const after = edit(before, changes);
        const diff = diffOf(before, after);
        fc.pre(hasHunks(diff) && before !== '' && after !== '');
        const { value } = await buildImages(seriesOf(diff), treeOf(after));
        const reversed = reversePatch(parsePatch(diff.slice(diff.indexOf('---')))[0]!);
        if (value.files[0]!.isApplied) expect(applyPatch(after, reversed)).toBe(value.files[0]!.pre);
      }),
    );
  });
});

const isContext = (line: { readonly kind: string } | undefined) => line?.kind === 'context';

/** What a program makes of the tree's file; null where it refuses. */
function run(folder: string, tree: string, diff: string, [program, ...args]: string[]): string | null {
  fs.writeFileSync(path.join(folder, 'f.c'), tree);
  fs.writeFileSync(path.join(folder, 'p.diff'), diff);
  try {
    execFileSync(program!, args, { cwd: folder, stdio: 'ignore' });
  } catch {
    return null;
  }
  return fs.readFileSync(path.join(folder, 'f.c'), 'utf8');
}
