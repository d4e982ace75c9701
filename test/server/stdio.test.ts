import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { RANGE_PATCHES, REVIEW_NOW } from '../../extension/server/messages.ts';
import { buildFakeServer } from './bundle.ts';
import { type ClientOptions, startClient } from './client.ts';
import { scratchFolder, writeFiles } from './scratch.ts';

let server: string;
beforeAll(async () => {
  ({ server } = await buildFakeServer('stdio'));
});
const start = (options?: ClientOptions) => startClient([process.execPath, server, '--stdio'], options);
const uriOf = (...parts: string[]) => pathToFileURL(path.join(...parts)).href;
const some = (all: readonly unknown[]) => all.length > 0;
const none = (all: readonly unknown[]) => all.length === 0;

const PATCH = 'untitled:series.patch';

describe('the language server over stdio', () => {
  it('introduces itself and ends when told', async () => {
    const client = await start();
    expect(client.result.serverInfo?.name).toBe('lock-review');
    expect(client.result.capabilities.textDocumentSync).toMatchObject({ openClose: true });
    expect(await client.shutdown()).toBe(0);
  });

  it('publishes the findings of an opened patch, with the version it has looked at', async () => {
    const client = await start();
    client.open(PATCH, 'diff', ' context\n+FINDING lock-leak\n');
    const [found] = await client.diagnostics(PATCH, some);
    expect(found).toMatchObject({ source: 'lock-review', code: 'lock-leak', range: { start: { line: 1 } } });
    expect(client.published.at(-1)?.version).toBe(1);
  });

  it('publishes nothing for a version that an edit has overtaken', async () => {
    const client = await start();
    client.open(PATCH, 'diff', 'SPIN\n+FINDING lock-leak\n');
    await expect.poll(() => client.statuses.at(-1)?.running).toBe(1);
    client.edit(PATCH, 2, '+FINDING double-lock\n');
    const [found] = await client.diagnostics(PATCH, some);
    expect(found?.code).toBe('double-lock');
    expect(client.published.map((params) => params.version)).toEqual([2]);
  });

  it('clears a patch that is closed, in the files outside it too', async () => {
    const folder = scratchFolder({ Kconfig: '', 'include/linux/a.h': '', 'kernel/a.c': 'x\ny\n' });
    const client = await start({ folder });
    client.open(PATCH, 'diff', '+FINDING lock-leak\n+FINDING config-imbalance kernel/a.c:2\n');
    const file = uriOf(folder, 'kernel/a.c');
    expect((await client.diagnostics(file, some))[0]?.range.start.line).toBe(1);
    await client.diagnostics(PATCH, some);
    client.close(PATCH);
    await client.diagnostics(PATCH, none);
    await client.diagnostics(file, none);
  });

  it('publishes no finding in a file outside the tree', async () => {
    const folder = scratchFolder({ Kconfig: '', 'include/linux/a.h': '' });
    const client = await start({ folder });
    client.open(PATCH, 'diff', '+FINDING lock-leak ../../etc/passwd:1\n+FINDING double-lock /etc/passwd:1\n');
    const found = await client.diagnostics(PATCH, some);
    expect(found).toHaveLength(2);
    expect(client.published.map((params) => params.uri)).toEqual([PATCH]);
  });

  it('outlives an engine that throws and one that dies, and says what happened', async () => {
    const client = await start();
    client.open(PATCH, 'diff', 'CRASH\n');
    expect((await client.diagnostics(PATCH, some))[0]?.message).toContain('crashed as asked');
    client.edit(PATCH, 2, 'EXIT\n');
    await client.diagnostics(PATCH, (all) => String(all[0]?.message).includes('status 7'));
    client.edit(PATCH, 3, '+FINDING lock-leak\n');
    await client.diagnostics(PATCH, (all) => all[0]?.code === 'lock-leak');
    expect(client.process.exitCode).toBeNull();
    expect(client.logs.join('\n')).toContain('the analysis failed');
  });

  it('finds a patch in plain text, and lets go of a text that is none any more', async () => {
    const client = await start();
    client.open('untitled:mail', 'plaintext', '> diff --git a/a b/a\n> +FINDING lock-leak\n');
    await client.diagnostics('untitled:mail', some);
    client.edit('untitled:mail', 2, 'no FINDING here\n');
    await client.diagnostics('untitled:mail', none);
  });

  it('reviews at once when asked to', async () => {
    const client = await start();
    client.open(PATCH, 'diff', '+FINDING lock-leak\n');
    await client.connection.sendRequest(REVIEW_NOW, { uri: PATCH });
    expect(client.published.at(-1)?.diagnostics).toHaveLength(1);
  });

  it('says which tree it uses and why', async () => {
    const folder = scratchFolder({ 'linux/Kconfig': '', 'linux/include/linux/a.h': '', 'a.patch': '' });
    const client = await start({ folder });
    client.open(uriOf(folder, 'a.patch'), 'diff', '+x\n');
    await client.diagnostics(uriOf(folder, 'a.patch'), none);
    await expect.poll(() => client.statuses.at(-1)?.running).toBe(0);
    expect(client.statuses.at(-1)).toMatchObject({ tree: path.join(folder, 'linux') });
    client.configure({ tree: path.join(folder, 'none') });
    await expect.poll(() => client.statuses.at(-1)?.tree).toBeNull();
    expect(client.statuses.at(-1)?.reason).toContain('lockReview.tree');
  });

  it('names a setting that it cannot use', async () => {
    const client = await start({ settings: { checkOpenFiles: 'sometimes' } });
    await expect.poll(() => client.logs.join('\n')).toContain('lockReview.checkOpenFiles');
  });

  it('takes the settings of an editor that only sends them', async () => {
    const client = await start({ capabilities: {}, settings: {} });
    client.configure({ checkOpenFiles: 3 });
    await expect.poll(() => client.logs.join('\n')).toContain('lockReview.checkOpenFiles');
  });
});

const TREE = { Kconfig: '', 'include/linux/a.h': '', 'mm/a.c': 'one\n/* FINDING existing-one */\n' };
const CHANGED = 'one\n/* FINDING existing-one */\n/* FINDING new-one */\n';

/** A tree in git, with one commit. */
function repository(): string {
  const folder = scratchFolder(TREE);
  execFileSync('git', ['init', '-q'], { cwd: folder });
  commit(folder, 'first');
  return folder;
}

function commit(folder: string, subject: string): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: folder });
  git('add', '-A');
  git('commit', '-q', '-m', subject);
}

describe('open C files of the tree', () => {
  it('are checked where they differ from the last commit', async () => {
    const folder = repository();
    const client = await start({ folder });
    const uri = uriOf(folder, 'mm/a.c');
    client.open(uri, 'c', TREE['mm/a.c']);
    expect(await client.diagnostics(uri, none)).toEqual([]);
    client.edit(uri, 2, CHANGED);
    // The fake reviewer looks at the patch that was made of the change: at its context lines too.
    const found = await client.diagnostics(uri, some);
    expect(found.map((d) => d.code)).toEqual(['existing-one', 'new-one']);
  });

  it('are not compared with git in a workspace that is not trusted', async () => {
    const folder = repository();
    const client = await start({ folder, trusted: false });
    const uri = uriOf(folder, 'mm/a.c');
    client.open(uri, 'c', CHANGED);
    expect(await client.diagnostics(uri, () => true)).toEqual([]);
    await client.connection.sendNotification('lockReview/trusted');
    await client.diagnostics(uri, some);
  });

  it('are checked as a whole when the setting says so, and not at all when it says that', async () => {
    const folder = repository();
    const client = await start({ folder, settings: { checkOpenFiles: 'all' } });
    const uri = uriOf(folder, 'mm/a.c');
    client.open(uri, 'c', TREE['mm/a.c']);
    expect((await client.diagnostics(uri, some))[0]?.code).toBe('existing-one');
    client.configure({ checkOpenFiles: 'off' });
    await client.diagnostics(uri, none);
  });

  it('are compared again when git has moved to another commit', async () => {
    const folder = repository();
    const client = await start({ folder });
    const uri = uriOf(folder, 'mm/a.c');
    client.open(uri, 'c', CHANGED);
    await client.diagnostics(uri, some);
    writeFiles(folder, { 'mm/a.c': CHANGED });
    commit(folder, 'second');
    const log = uriOf(folder, '.git/logs/HEAD');
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: log, type: 2 }],
    });
    await client.diagnostics(uri, none);
  });

  it('outside any tree are left alone', async () => {
    const folder = scratchFolder({ 'a.c': '' });
    const client = await start({ folder, settings: { checkOpenFiles: 'all' } });
    client.open(uriOf(folder, 'a.c'), 'c', '/* FINDING x */\n');
    expect(await client.diagnostics(uriOf(folder, 'a.c'), () => true)).toEqual([]);
  });

  it('that are saved have the open patches looked at again', async () => {
    const folder = repository();
    const client = await start({ folder });
    client.open(PATCH, 'diff', '+FINDING lock-leak\n');
    await client.diagnostics(PATCH, some);
    const before = client.published.filter((params) => params.uri === PATCH).length;
    const uri = uriOf(folder, 'mm/a.c');
    client.open(uri, 'c', TREE['mm/a.c']);
    writeFiles(folder, { 'mm/a.c': CHANGED });
    client.save(uri);
    await expect
      .poll(() => client.published.filter((params) => params.uri === PATCH).length)
      .toBe(before + 1);
  });
});

describe('a range of commits', () => {
  const ask = (client: Awaited<ReturnType<typeof start>>, range: string) =>
    client.connection.sendRequest(RANGE_PATCHES, { range });

  it('is given as git would mail it, one commit too', async () => {
    const folder = repository();
    writeFiles(folder, { 'mm/a.c': CHANGED });
    commit(folder, 'second');
    const client = await start({ folder });
    for (const range of ['HEAD~1..HEAD', 'HEAD']) {
      const answer = await ask(client, range);
      expect(answer, range).toMatchObject({
        problem: null,
        text: expect.stringContaining('+/* FINDING new-one */'),
      });
    }
  });

  it('is refused, with the reason, where there is none', async () => {
    const client = await start({ folder: repository() });
    for (const range of ['nothing..HEAD', '--output=x..y', 'HEAD..HEAD'])
      expect(await ask(client, range), range).toMatchObject({
        text: null,
        problem: expect.stringContaining(range),
      });
    const outside = await start({ folder: scratchFolder() });
    expect(await ask(outside, 'HEAD')).toMatchObject({
      text: null,
      problem: expect.stringContaining('tree'),
    });
  });

  it('is refused in a workspace that is not trusted', async () => {
    const client = await start({ folder: repository(), trusted: false });
    expect(await ask(client, 'HEAD')).toMatchObject({ problem: 'Git is not started in Restricted Mode.' });
  });
});
