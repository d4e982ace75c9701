import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
// @ts-expect-error a build script, without types
import { nodeBundle } from '../../esbuild.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Bundles the server as it is shipped, but with the reviewer of `fake-review.ts` in its worker.
 * @param name of the folder below .vscode-test/ to build into: one per test file, which run side by side
 * @returns the paths of the server and of the worker
 */
export async function buildFakeServer(name: string): Promise<{ server: string; worker: string }> {
  const outdir = path.join(ROOT, '.vscode-test/server', name);
  await build({
    ...nodeBundle,
    entryPoints: { server: 'extension/server/main.ts', worker: 'test/server/fake-worker.ts' },
    outdir,
    outExtension: { '.js': '.cjs' },
  });
  return { server: path.join(outdir, 'server.cjs'), worker: path.join(outdir, 'worker.cjs') };
}
