import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  CancellationTokenSource,
  type CodeAction,
  CodeActionRequest,
  type CodeLens,
  CodeLensRequest,
  HoverRequest,
  type InlayHint,
  InlayHintRequest,
  LSPErrorCodes,
  type MarkupContent,
  type TextEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
// @ts-expect-error a build script, without types
import { buildAll } from '../../esbuild.mjs';
import {
  FUNCTION_TEXTS,
  OUTLINE,
  REPLY,
  type SeriesOutline,
  SUPPRESS,
} from '../../extension/server/messages.ts';
import { ROOT } from './bundle.ts';
import { type Client, type ClientOptions, startClient } from './client.ts';
import { scratchFolder } from './scratch.ts';

/** What is shown between the findings, by the server as it is shipped, to an editor that knows only the protocol. */
const OUT = '.vscode-test/server/features';
const SAMPLE = path.join(ROOT, 'sample');
const SERIES = pathToFileURL(path.join(SAMPLE, 'series.mbox')).href;
const TEXT = readFileSync(path.join(SAMPLE, 'series.mbox'), 'utf8');

beforeAll(async () => {
  await buildAll({ outdir: OUT });
});

const start = (options: ClientOptions = {}) =>
  startClient([process.execPath, path.join(ROOT, OUT, 'lock-review.cjs'), 'serve', '--stdio'], {
    folder: SAMPLE,
    ...options,
  });

const titles = (lenses: CodeLens[] | null, lines: readonly string[]) =>
  (lenses ?? []).map((lens) => `${lines[lens.range.start.line]?.trim()} | ${lens.command?.title}`);
const labels = (hints: InlayHint[] | null, lines: readonly string[]) =>
  (hints ?? []).map(({ position, label }) => {
    const line = lines[position.line] ?? '';
    expect(position.character).toBe(line.length);
    return `${line.trim()} | ${label}`;
  });

async function lensesOf(client: Client, uri: string, text: string): Promise<string[]> {
  const lenses = await client.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } });
  return titles(lenses, text.split('\n'));
}

async function hintsOf(client: Client, uri: string, text: string, from = 0, to?: number): Promise<string[]> {
  const lines = text.split('\n');
  const range = {
    start: { line: from, character: 0 },
    end: { line: to ?? lines.length, character: 0 },
  };
  const hints = await client.connection.sendRequest(InlayHintRequest.type, { textDocument: { uri }, range });
  return labels(hints, lines);
}

/** The hover at a word, which is looked for behind `after`. */
async function hoverAt(
  client: Client,
  uri: string,
  text: string,
  after: string,
  word: string,
): Promise<string> {
  const at = text.indexOf(word, text.indexOf(after));
  const before = text.slice(0, at).split('\n');
  const hover = await client.connection.sendRequest(HoverRequest.type, {
    textDocument: { uri },
    position: { line: before.length - 1, character: before.at(-1)!.length },
  });
  return (hover?.contents as MarkupContent | undefined)?.value ?? '';
}

describe('a patch in any editor', () => {
  it('has a lens over each changed function that has to do with locks', async () => {
    const client = await start();
    client.open(SERIES, 'diff', TEXT);
    expect(await lensesOf(client, SERIES, TEXT)).toEqual([
      '+struct vm_area_struct *area_get_wait(struct mm_struct *mm, | 1 finding',
      '+struct vm_area_struct *area_get_wait(struct mm_struct *mm, | takes mm->mmap_lock R, returns with VMA lock of vma R',
      'goto out; | 1 finding',
      'goto out; | takes board->lock, VMA lock of vma R',
    ]);
  });

  it('has commands in its lenses where the editor has them', async () => {
    const commands = { showFindings: 'x.find', compareFunction: 'x.compare', simulateFunction: 'x.simulate' };
    const client = await start({ initializationOptions: { commands } });
    client.open(SERIES, 'diff', TEXT);
    const lenses = await client.connection.sendRequest(CodeLensRequest.type, {
      textDocument: { uri: SERIES },
    });
    const simulate = lenses?.find((lens) => lens.command?.title === 'Simulate')?.command;
    expect(simulate).toMatchObject({
      command: 'x.simulate',
      arguments: [{ uri: SERIES, function: 'area_get_wait' }],
    });
  });

  it('speaks the language that the editor hands over, where it does not quote the engine', async () => {
    const texts = {
      '1 finding': '1 Befund',
      'holds {0}': 'hält {0}',
      'Held here: {0}': 'Hier gehalten: {0}',
    };
    const client = await start({ initializationOptions: { texts } });
    client.open(SERIES, 'diff', TEXT);
    expect((await lensesOf(client, SERIES, TEXT))[0]).toMatch(/ \| 1 Befund$/);
    expect((await hintsOf(client, SERIES, TEXT))[2]).toMatch(/ \| hält mm->mmap_lock R$/);
  });

  it('has hints with the locks held behind the lines that change them, in the range asked for', async () => {
    const client = await start();
    client.open(SERIES, 'diff', TEXT);
    const all = [
      'return lock_vma_under_rcu(mm, address); | holds VMA lock of the result of lock_vma_under_rcu() R?',
      '+	vma = lock_vma_under_rcu(mm, address); | holds VMA lock of vma R?',
      '+	mmap_read_lock(mm); | holds mm->mmap_lock R',
      'vma_end_read(vma); | holds nothing',
      '+	vma = area_get_wait(mm, address); | holds board->lock, VMA lock of vma R',
    ];
    expect(await hintsOf(client, SERIES, TEXT)).toEqual(all);
    const line = TEXT.slice(0, TEXT.indexOf('+	mmap_read_lock(mm);')).split('\n').length - 1;
    expect(await hintsOf(client, SERIES, TEXT, line, line)).toEqual([all[2]]);
  });

  it('has the same in a mail that quotes it, at the ends of the lines as they are there', async () => {
    const client = await start({ folder: scratchFolder() });
    const at = TEXT.indexOf('diff --git a/mm/area_lock.c');
    const diff = TEXT.slice(at, TEXT.indexOf('\n-- \n', at));
    const mail = `What about the lock?\n\n${diff.replaceAll(/^/gm, '> ')}\n`;
    client.open('untitled:mail', 'plaintext', mail);
    expect(await hintsOf(client, 'untitled:mail', mail)).toEqual([
      '>  	return lock_vma_under_rcu(mm, address); | holds VMA lock of the result of lock_vma_under_rcu() R?',
      '> +	vma = lock_vma_under_rcu(mm, address); | holds VMA lock of vma R?',
      '> +	mmap_read_lock(mm); | holds mm->mmap_lock R',
    ]);
    const hover = await hoverAt(client, 'untitled:mail', mail, '> +	mmap_read_lock(mm)', 'mmap_read_lock');
    expect(hover).toContain('After: `mm->mmap_lock R`');
  });

  it('explains a lock call: its contract, and what is held before and after', async () => {
    const client = await start();
    client.open(SERIES, 'diff', TEXT);
    const hover = await hoverAt(client, SERIES, TEXT, '+	vma = lock_vma_under_rcu', 'lock_vma_under_rcu');
    expect(hover).toContain('**`lock_vma_under_rcu()');
    expect(hover).toContain('- valid pointer: takes VMA lock of the result for reading');
    expect(hover).toContain('Before: `nothing`  \nAfter: `VMA lock of vma R?`');
    const doomed = await hoverAt(client, SERIES, TEXT, '+	locked = vma_start', 'vma_start_read_locked');
    expect(doomed).toContain('No path goes on from here.');
  });

  it('explains a variable by what its paths know of it', async () => {
    const client = await start();
    client.open(SERIES, 'diff', TEXT);
    expect(await hoverAt(client, SERIES, TEXT, '+		return vma;', 'vma')).toContain('a valid pointer');
    expect(await hoverAt(client, SERIES, TEXT, '+	locked = vma_start_read_locked(', 'vma)')).toContain(
      'NULL',
    );
  });

  it('explains a configuration symbol: that it is removed, and what it decides in a file', async () => {
    const client = await start();
    client.open(SERIES, 'diff', TEXT);
    const file = pathToFileURL(path.join(SAMPLE, 'tree/kernel/trace/area_trace.c')).href;
    const text = readFileSync(path.join(SAMPLE, 'tree/kernel/trace/area_trace.c'), 'utf8');
    client.open(file, 'c', text);
    const hover = await hoverAt(client, file, text, '#ifdef', 'CONFIG_PER_VMA_LOCK');
    expect(hover).toMatch(/mm\/Kconfig:\d+/);
    expect(hover).toContain('bool');
    expect(hover).toMatch(/- on: .*\n {2}- off: /);
  });

  it('says nothing about a line that shows no code', async () => {
    const client = await start();
    client.open(SERIES, 'diff', TEXT);
    expect(await hoverAt(client, SERIES, TEXT, 'Subject: ', 'Subject')).toBe('');
  });

  it('shows none of it where the settings say so', async () => {
    const client = await start({ settings: { codeLens: false, inlayHints: false, hovers: false } });
    client.open(SERIES, 'diff', TEXT);
    await client.diagnostics(SERIES, (all) => all.length > 0);
    expect(await lensesOf(client, SERIES, TEXT)).toEqual([]);
    expect(await hintsOf(client, SERIES, TEXT)).toEqual([]);
    expect(await hoverAt(client, SERIES, TEXT, '+	mmap_read_lock(mm);', 'mmap_read_lock')).toBe('');
  });

  it('answers a cancelled request as the protocol says, and the next one as ever', async () => {
    const client = await start();
    client.open(SERIES, 'diff', TEXT);
    const source = new CancellationTokenSource();
    const range = { start: { line: 0, character: 0 }, end: { line: 400, character: 0 } };
    const hints = client.connection.sendRequest(
      InlayHintRequest.type,
      { textDocument: { uri: SERIES }, range },
      source.token,
    );
    source.cancel();
    await expect(hints).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
    expect(await hintsOf(client, SERIES, TEXT)).toHaveLength(5);
  });
});

const LEAK = `diff --git a/mm/area.c b/mm/area.c
--- a/mm/area.c
+++ b/mm/area.c
@@ -33,8 +33,10 @@ unsigned long area_flags(struct mm_struct *mm, unsigned long address)
 
 	mmap_read_lock(mm);
 	vma = vma_lookup(mm, address);
-	if (vma)
-		flags = vma->vm_flags;
+	if (!vma)
+		return 0;
+
+	flags = vma->vm_flags;
 	mmap_read_unlock(mm);
 
 	return flags;
`;

describe('what can be done about a finding', () => {
  const PATCH = 'untitled:leak.patch';
  const actionsOf = async (client: Client) => {
    const diagnostics = await client.diagnostics(PATCH, (all) => all.length > 0);
    const range = diagnostics[0]!.range;
    return client.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: PATCH },
      range,
      context: { diagnostics },
    }) as Promise<CodeAction[]>;
  };
  const applied = (action: CodeAction | undefined) =>
    TextDocument.applyEdits(
      TextDocument.create(PATCH, 'diff', 1, LEAK),
      action?.edit?.changes?.[PATCH] ?? [],
    );

  it('is an edit of the patch that puts it right, after which it is gone', async () => {
    const client = await start();
    client.open(PATCH, 'diff', LEAK);
    const fix = (await actionsOf(client)).find((one) => one.title === "Add 'mmap_read_unlock(mm);'");
    expect(fix).toMatchObject({ kind: 'quickfix', diagnostics: [{ code: 'lock-leak' }] });
    const mended = applied(fix);
    expect(mended).toContain('@@ -33,8 +33,12 @@');
    expect(mended).toContain('+	if (!vma) {\n+		mmap_read_unlock(mm);\n+		return 0;\n+	}\n');
    client.edit(PATCH, 2, mended);
    await client.diagnostics(PATCH, (all) => all.length === 0);
  });

  it('is a comment in the source that says why it is none', async () => {
    const client = await start();
    client.open(PATCH, 'diff', LEAK);
    const action = (await actionsOf(client)).find((one) => one.title === 'Suppress lock-leak here');
    expect(applied(action)).toContain('+		return 0; /* lock-review: ignore lock-leak */\n');
    const edits = await client.connection.sendRequest(SUPPRESS, {
      uri: PATCH,
      fingerprint: (action!.diagnostics![0]!.data as { fingerprint: string }).fingerprint,
      reason: 'the caller drops it */ not code',
    });
    const text = TextDocument.applyEdits(TextDocument.create(PATCH, 'diff', 1, LEAK), edits as TextEdit[]);
    expect(text).toContain('/* lock-review: ignore lock-leak the caller drops it   not code */\n');
    client.edit(PATCH, 2, text);
    await client.diagnostics(PATCH, (all) => all.length === 0);
  });

  it('is a reply, for an editor with a clipboard', async () => {
    const commands = { copyReply: 'x.reply', suppressFinding: 'x.suppress' };
    const client = await start({ initializationOptions: { commands } });
    client.open(PATCH, 'diff', LEAK);
    const reply = (await actionsOf(client)).find((one) => one.title === 'Copy as review reply');
    expect(reply?.command).toMatchObject({ command: 'x.reply' });
    const text = await client.connection.sendRequest(REPLY, { uri: PATCH, fingerprint: null });
    expect(text).toContain('> +		return 0;\n\n');
    for (const line of String(text).split('\n'))
      if (!line.startsWith('>')) expect(line.length).toBeLessThanOrEqual(72);
  });
});

describe('a series as a whole', () => {
  it('is outlined by patches, functions and findings, with what lies outside', async () => {
    const client = await start();
    client.open(SERIES, 'diff', TEXT);
    const outline = (await client.connection.sendRequest(OUTLINE, { uri: SERIES })) as SeriesOutline;
    expect(outline.patches.map((one) => `${one.number}/${one.total} ${one.title}`)).toEqual([
      '1/3 mm: always have a lock for each area',
      '2/3 mm: area_get_wait(): lock an area, waiting for its writer',
      '3/3 pinboard: wait for the writer of an area',
    ]);
    const [, second] = outline.patches;
    expect(second?.functions.map((one) => one.name)).toEqual(['area_get_wait']);
    expect(second?.functions[0]?.findings[0]).toMatchObject({
      rule: 'null-lock-argument',
      status: 'introduced',
    });
    expect(outline.elsewhere.map((one) => one.file)).toContain('kernel/trace/area_trace.c');
  });

  it('gives a function before and after it', async () => {
    const client = await start();
    client.open(SERIES, 'diff', TEXT);
    const which = { uri: SERIES, file: 'mm/area_lock.c', function: 'area_get_wait' };
    expect(await client.connection.sendRequest(FUNCTION_TEXTS, which)).toEqual({
      before: null,
      after: expect.stringMatching(/^struct vm_area_struct \*area_get_wait\([\s\S]*\n}\n$/),
    });
  });
});

describe('a C file of the tree in any editor', () => {
  const AREA = path.join(SAMPLE, 'tree/mm/area.c');
  it('has hints and hovers in all of its functions, changed or not', async () => {
    const client = await start();
    const uri = pathToFileURL(AREA).href;
    const text = readFileSync(AREA, 'utf8');
    client.open(uri, 'c', text);
    expect(await hintsOf(client, uri, text)).toEqual([
      'vma = lock_vma_under_rcu(mm, address); | holds VMA lock of vma R?',
      'vma_end_read(vma); | holds nothing',
      'mmap_read_lock(mm); | holds mm->mmap_lock R',
      'mmap_read_unlock(mm); | holds nothing',
      'mmap_read_lock(mm); | holds mm->mmap_lock R',
      'mmap_read_unlock(mm); | holds nothing',
    ]);
    expect(await hoverAt(client, uri, text, 'area_flags', 'mmap_read_lock')).toContain('Before: `nothing`');
  });

  it('has lenses over the functions that differ from the last commit', async () => {
    const folder = scratchFolder();
    execFileSync('cp', ['-r', `${path.join(SAMPLE, 'tree')}/.`, folder]);
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: folder });
    git('init', '-q');
    git('add', '-A');
    git('commit', '-q', '-m', 'first');
    const client = await start({ folder });
    const uri = pathToFileURL(path.join(folder, 'mm/area.c')).href;
    const text = readFileSync(AREA, 'utf8');
    client.open(uri, 'c', text);
    expect(await lensesOf(client, uri, text)).toEqual([]);
    const changed = text.replace('		flags = vma->vm_flags;', '		flags = vma->vm_flags | 1;');
    expect(changed).not.toBe(text);
    client.edit(uri, 2, changed);
    expect(await lensesOf(client, uri, changed)).toEqual([
      'unsigned long area_flags(struct mm_struct *mm, unsigned long address) | takes mm->mmap_lock R',
    ]);
  });
});
