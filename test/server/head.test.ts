import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { changesAsPatch } from '../../extension/server/changes-as-patch.ts';
import { headText } from '../../extension/server/head.ts';
import { scratchFolder, writeFiles } from './scratch.ts';

function repository(files: Record<string, string>): string {
  const folder = scratchFolder(files);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: folder });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
  return folder;
}

describe('the text of the last commit', () => {
  it('is that of git, not of the disk', async () => {
    const folder = repository({ 'mm/a.c': 'int a;\n' });
    writeFiles(folder, { 'mm/a.c': 'int b;\n' });
    expect(await headText(path.join(folder, 'mm/a.c'))).toBe('int a;\n');
  });
  it('is empty for a file that git does not know', async () => {
    const folder = repository({ 'a.c': '' });
    writeFiles(folder, { 'new.c': 'int n;\n' });
    expect(await headText(path.join(folder, 'new.c'))).toBe('');
  });
  it('is null outside a repository, and in one without a commit', async () => {
    const folder = scratchFolder({ 'a.c': '' });
    expect(await headText(path.join(folder, 'a.c'))).toBeNull();
    execFileSync('git', ['init', '-q'], { cwd: folder });
    expect(await headText(path.join(folder, 'a.c'))).toBeNull();
  });
  it('starts no program that the repository names', async () => {
    const folder = repository({ 'a.c': 'int a;\n', '.gitattributes': '*.c filter=evil diff=evil\n' });
    const trace = path.join(folder, 'ran');
    const evil = `sh -c 'echo ran > ${trace}; cat'`;
    for (const key of ['filter.evil.smudge', 'diff.evil.textconv', 'core.fsmonitor', 'core.pager'])
      execFileSync('git', ['config', key, evil], { cwd: folder });
    expect(await headText(path.join(folder, 'a.c'))).toBe('int a;\n');
    expect(existsSync(trace)).toBe(false);
  });
});

describe('what changed, as a patch', () => {
  it('has the headers of git and the hunks', () => {
    expect(changesAsPatch('mm/a.c', 'int a;\nint b;\n', 'int a;\nint c;\n')).toBe(
      'diff --git a/mm/a.c b/mm/a.c\n--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1,2 +1,2 @@\n int a;\n-int b;\n+int c;\n',
    );
  });
  it('names a new file as new', () => {
    const patch = changesAsPatch('mm/a.c', '', 'int a;\n');
    expect(patch).toContain('new file mode 100644\n--- /dev/null\n+++ b/mm/a.c\n@@ -0,0 +1,1 @@\n+int a;\n');
  });
  it('is nothing where nothing changed', () => {
    expect(changesAsPatch('mm/a.c', 'x', 'x')).toBeNull();
  });
});
