/** Real review threads and patches: what is known to be in them must be found in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type FilePatch,
  formatPatch,
  type Hunk,
  isPatchText,
  type Parsed,
  parseSeries,
  type Series,
} from '../../../engine/patch/index.ts';
import { hasShared, shared } from '../../shared.ts';

async function seed(number: string): Promise<Parsed<Series>> {
  const name = readdirSync(shared('seeds')).find((each) => each.startsWith(number))!;
  return parseSeries(readFileSync(shared('seeds', name), 'utf8'));
}

async function filesOf(path: string): Promise<readonly FilePatch[]> {
  const { value } = await parseSeries(readFileSync(path, 'utf8'));
  return value.patches.flatMap((patch) => patch.files);
}

function allFiles({ value }: Parsed<Series>): FilePatch[] {
  return value.patches.flatMap((patch) => [...patch.files]);
}

function count(files: readonly FilePatch[], kind: 'added' | 'removed'): number {
  const lines = files.flatMap((file) => file.hunks.flatMap((hunk) => hunk.lines));
  return lines.filter((line) => line.kind === kind).length;
}

/** What of a file section must survive every way of quoting, white space left out. */
function essence(file: FilePatch): unknown {
  const hunk = (each: Hunk) => ({
    at: [each.oldStart, each.oldCount, each.newStart, each.newCount],
    lines: each.lines.map((line) => line.kind[0] + line.text.replace(/\s/g, '')),
  });
  return { paths: [file.oldPath, file.newPath], hunks: file.hunks.map(hunk) };
}

function exactly(file: FilePatch): unknown {
  const hunk = (each: Hunk) => ({
    at: [each.oldStart, each.oldCount, each.newStart, each.newCount, each.section],
    lines: each.lines.map((line) => line.kind[0] + line.text),
  });
  return {
    paths: [file.oldPath, file.newPath],
    blobs: [file.oldBlob, file.newBlob],
    hunks: file.hunks.map(hunk),
  };
}

describe.runIf(hasShared)('review threads, needs ../shared', () => {
  it('000: a quoted review whose indentation was lost', async () => {
    const parsed = await seed('000');
    const files = allFiles(parsed);
    expect(parsed.value.patches).toMatchObject([{ number: 1, total: 3, author: 'Suren Baghdasaryan' }]);
    expect(files.flatMap((file) => file.hunks)).toHaveLength(16);
    expect([count(files, 'added'), count(files, 'removed')]).toEqual([156, 39]);
    expect(files.map(essence)).toEqual(
      (await filesOf(shared('corpus/seed-patches/000-smaps-vma-lock.patch'))).map(essence),
    );
    expect(new Set(files.flatMap((file) => file.hunks.map((hunk) => hunk.fidelity)))).toEqual(
      new Set(['whitespace']),
    );
    expect(parsed.problems).toHaveLength(1);
    expect(parsed.problems[0]!.message).toContain('white space');
  });

  it('001: a page whose newlines were lost, with the patch and a review of it', async () => {
    const parsed = await seed('001');
    const files = allFiles(parsed);
    expect(files.map((file) => file.newPath)).toEqual(['fs/proc/internal.h', 'fs/proc/task_mmu.c']);
    expect(files.flatMap((file) => file.hunks.map((hunk) => hunk.newStart))).toEqual([
      379, 127, 322, 345, 357,
    ]);
    // The diffstat of the page says as much.
    expect([count(files, 'added'), count(files, 'removed')]).toEqual([175, 8]);
    expect(files.every((file) => file.hunks.every((hunk) => hunk.fidelity === 'partial'))).toBe(true);
    expect(parsed.problems.map((problem) => problem.message).join('\n')).toContain(
      'newlines of this diff were lost',
    );
  });

  it('002: a thread of three patches and their quoted copies', async () => {
    const parsed = await seed('002');
    expect(parsed.problems).toEqual([]);
    expect(parsed.value.patches.map((patch) => [patch.number, patch.total, patch.author])).toEqual([
      [1, 3, 'Rik van Riel'],
      [2, 3, 'Rik van Riel'],
      [3, 3, 'Rik van Riel'],
    ]);
    const names = ['002-1-untag_mask', '002-2-folio_walk_FW_VMA_LOCKED', '002-3-access_remote_vm_fast'];
    for (const [index, name] of names.entries()) {
      const expected = await filesOf(shared('corpus/seed-patches', `${name}.patch`));
      expect(parsed.value.patches[index]!.files.map(exactly)).toEqual(expected.map(exactly));
    }
  });

  it('002: each reply alone gives the patch that it quotes', async () => {
    const name = readdirSync(shared('seeds')).find((each) => each.startsWith('002'))!;
    const posts = readFileSync(shared('seeds', name), 'utf8')
      .split(/^\* (?=Re: \[PATCH [123]\/3\])/m)
      .slice(1);
    const expected = await filesOf(shared('corpus/seed-patches/002-3-access_remote_vm_fast.patch'));
    const known = new Map(
      expected.flatMap((file) =>
        file.hunks.map((hunk) => [`${file.newPath} ${hunk.newStart}`, hunk] as const),
      ),
    );
    let hunks = 0;
    for (const post of posts.filter((each) => each.startsWith('Re: [PATCH 3/3]'))) {
      const parsed = await parseSeries(`* ${post}`);
      for (const file of allFiles(parsed)) {
        for (const hunk of file.hunks.filter((each) => each.fidelity !== 'partial')) {
          const original = known.get(`${file.newPath} ${hunk.newStart}`)!;
          const squeezed = (each: Hunk) =>
            each.lines.map((line) => line.kind[0] + line.text.replace(/\s/g, ''));
          expect(squeezed(hunk)).toEqual(squeezed(original));
          hunks++;
        }
      }
    }
    expect(hunks).toBeGreaterThanOrEqual(15);
  });

  it('003: the hunks that a review quotes', async () => {
    const parsed = await seed('003');
    const names = ['003-1-mmap_lock.h', '003-2-mmap_lock.c', '003-3-binder', '003-4-Kconfig', '003-5-mm.rs'];
    const expected = await Promise.all(
      names.map((name) => filesOf(shared('corpus/seed-patches', `${name}.patch`))),
    );
    expect(allFiles(parsed).map(exactly)).toEqual(expected.flat().map(exactly));
    expect(parsed.value.patches.map((patch) => patch.commit?.slice(0, 6))).toEqual([
      'b687b1',
      '3e3467',
      'c4e197',
    ]);
    const cut = parsed.problems.filter((problem) => problem.message.includes('cut out'));
    expect(cut.map((problem) => problem.line)).toEqual([371, 500]);
  });

  it('004: a quoted move of code', async () => {
    const parsed = await seed('004');
    const files = allFiles(parsed);
    expect(files.flatMap((file) => file.hunks)).toHaveLength(8);
    expect([count(files, 'added'), count(files, 'removed')]).toEqual([486, 479]);
    expect(files.map(essence)).toEqual(
      (await filesOf(shared('corpus/seed-patches/004-move-locking.patch'))).map(essence),
    );
  });
});

describe.runIf(hasShared)('real patches, needs ../shared', () => {
  const bugs = hasShared ? readdirSync(shared('corpus/bugs')).filter((name) => /^\d/.test(name)) : [];
  const patches = [
    ...bugs.flatMap((name) => [`corpus/bugs/${name}/fix.patch`, `corpus/bugs/${name}/reintroduce.patch`]),
    ...(hasShared ? readdirSync(shared('corpus/series')).map((name) => `corpus/series/${name}`) : []),
  ];

  it.each(patches)('%s is read exactly', async (path) => {
    const text = readFileSync(shared(path), 'utf8');
    const parsed = await parseSeries(text);
    expect(parsed.problems).toEqual([]);
    expect(isPatchText(text)).toBe(true);
    const files = allFiles(parsed);
    const lines = text.split('\n');
    expect(files.length).toBe(lines.filter((line) => line.startsWith('diff --git ')).length);
    const hunks = files.flatMap((file) => file.hunks);
    expect(hunks.length).toBe(lines.filter((line) => line.startsWith('@@ -')).length);
    expect(hunks.every((hunk) => hunk.fidelity === 'exact')).toBe(true);
    const again = await parseSeries(formatPatch(parsed.value));
    expect(allFiles(again).map(exactly)).toEqual(files.map(exactly));
  });

  it('the mailboxes are in order', async () => {
    for (const name of ['unconditional-v2.mbox', 'unconditional-v3.mbox']) {
      const { value } = await parseSeries(readFileSync(shared('corpus/series', name), 'utf8'));
      expect(value.patches.map((patch) => [patch.number, patch.total])).toEqual([
        [1, 3],
        [2, 3],
        [3, 3],
      ]);
    }
  });
});
