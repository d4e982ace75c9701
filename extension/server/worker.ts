/** The engine's thread: started by the server when the first review is asked for. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createParser } from '../../engine/c/index.ts';
import { cacheFolder, reviewsIn } from '../cache/index.ts';
import { openDirectoryTree, openTree } from '../tree/index.ts';
import { createEngine } from './engine.ts';
import { hostWorker } from './worker-host.ts';

/** The parser's parts lie beside the bundle. */
const beside = (name: string) => readFile(new URL(`./${name}`, import.meta.url));

const folder = cacheFolder(process.env, process.platform);

hostWorker(
  createEngine(
    async () =>
      createParser({
        language: await beside('tree-sitter-c.wasm'),
        runtime: await beside('web-tree-sitter.wasm'),
      }),
    (root, mayExecute) => (mayExecute ? openTree(root) : openDirectoryTree(root)),
    folder === null ? null : reviewsIn(folder, fileURLToPath(import.meta.url)),
  ),
);
