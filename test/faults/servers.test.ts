/** Servers that are killed, and servers that share what they keep. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error a build script, without types
import { nodeBundle } from '../../esbuild.mjs';
import { temporaryDirectory } from '../cli/fake.ts';
import { type Client, startClient } from '../server/client.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const OUT = path.join(ROOT, '.vscode-test/faults/servers');
const SERIES = path.join(ROOT, 'sample/series.mbox');
const URI = pathToFileURL(SERIES).href;

beforeAll(async () => {
  await build({
    ...nodeBundle,
    entryPoints: { server: 'extension/server/main.ts', worker: 'extension/server/worker.ts' },
    outdir: OUT,
    outExtension: { '.js': '.cjs' },
  });
  for (const wasm of ['web-tree-sitter/web-tree-sitter.wasm', 'tree-sitter-c/tree-sitter-c.wasm'])
    copyFileSync(path.join(ROOT, 'node_modules', wasm), path.join(OUT, path.basename(wasm)));
});

/** A server of the sample, with its cache below `home`; it has opened the series. */
async function opened(home: string): Promise<Client> {
  const command = [
    'env',
    `XDG_CACHE_HOME=${home}`,
    process.execPath,
    path.join(OUT, 'server.cjs'),
    '--stdio',
  ];
  const client = await startClient(command, { folder: path.join(ROOT, 'sample') });
  client.open(URI, 'diff', readFileSync(SERIES, 'utf8'));
  return client;
}
const found = (client: Client) => client.diagnostics(URI, (all) => all.length > 0);

describe('two servers on one cache', () => {
  it('find the same as one alone, also when one is killed in the middle', async () => {
    const alone = await found(await opened(temporaryDirectory()));
    const home = temporaryDirectory();
    const [first, second, victim] = await Promise.all([opened(home), opened(home), opened(home)]);
    victim.process.kill('SIGKILL');
    expect(await found(first)).toEqual(alone);
    expect(await found(second)).toEqual(alone);
    // A new one, which opens the same documents, as an editor does whose server has died.
    expect(await found(await opened(home))).toEqual(alone);
    const kept = readdirSync(home, { recursive: true }).filter((name) => String(name).endsWith('.entry'));
    expect(kept).toHaveLength(1);
  });

  it('do without a cache that they cannot have', async () => {
    const alone = await found(await opened(temporaryDirectory()));
    expect(await found(await opened('/proc/self'))).toEqual(alone);
    const home = temporaryDirectory();
    mkdirSync(path.join(home, 'lock-review/CACHEDIR.TAG'), { recursive: true });
    expect(await found(await opened(home))).toEqual(alone);
  });
});

describe('a server that is killed', () => {
  it('leaves its editor with what it said, and another takes over', async () => {
    const home = temporaryDirectory();
    const client = await opened(home);
    const before = await found(client);
    const ended = new Promise((resolve) => client.process.once('exit', resolve));
    client.process.kill('SIGKILL');
    await ended;
    expect(client.published.findLast(({ uri }) => uri === URI)?.diagnostics).toEqual(before);
    const next = await opened(home);
    expect(await found(next)).toEqual(before);
    expect(await next.shutdown()).toBe(0);
  });
});
