/** The language server in a web worker, engine included: a browser has neither processes nor disks. */
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  type Connection,
  createConnection,
} from 'vscode-languageserver/browser';
import { createParser } from '../../engine/c/index.ts';
import { allRules } from '../../engine/check/index.ts';
import manifest from '../../package.json' with { type: 'json' };
import { openFileSystemTree } from '../tree/file-system-tree.ts';
import { createEngine } from './engine.ts';
import { READ_FILE, READ_FOLDER, type ReadParams } from './messages.ts';
import type { AnswerTo, Question } from './questions.ts';
import type { Reviewer, ReviewRequest } from './reviewer.ts';
import { startServer } from './server.ts';
import { type EditorFiles, joined, virtualWorkplace } from './virtual-workplace.ts';
import type { Engine } from './worker-host.ts';

/** The worker's own end of its channel; the compiler is not told of browsers elsewhere in this project. */
const port = globalThis as unknown as ConstructorParameters<typeof BrowserMessageReader>[0];

serve(createConnection(new BrowserMessageReader(port), new BrowserMessageWriter(port)));

function serve(connection: Connection): void {
  /** The URI of the folder with what lies beside this bundle. */
  let assets = '';
  const files: EditorFiles = {
    readFile: (uri) => connection.sendRequest(READ_FILE, { uri } satisfies ReadParams),
    readFolder: (uri) => connection.sendRequest(READ_FOLDER, { uri } satisfies ReadParams),
  };
  const asset = async (name: string): Promise<Uint8Array> => {
    const bytes = await files.readFile(joined(assets, name));
    if (bytes === null) throw new Error(`the extension's file ${name} cannot be read`);
    return bytes;
  };
  const engine = createEngine(
    async () =>
      createParser({
        language: await asset('tree-sitter-c.wasm'),
        runtime: await asset('web-tree-sitter.wasm'),
      }),
    (root) =>
      openFileSystemTree({
        name: root,
        readFile: (path) => files.readFile(joined(root, path)),
        readFolder: async (path) => (await files.readFolder(joined(root, path))) ?? [],
      }),
  );
  const rules = new Set(allRules().map((rule) => rule.id));
  startServer(connection, {
    version: manifest.version,
    reviewer: oneAtATime(engine),
    workplace: virtualWorkplace(files),
    ruleUri: (rule) => (rules.has(rule) ? joined(assets, `rules/${rule}.md`) : null),
    initialize(options) {
      assets = options.assets ?? '';
    },
  });
}

/** One question after the other: each has the parser and the memory to itself. */
function oneAtATime(engine: Engine): Reviewer {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask<Q extends Question>(request: ReviewRequest, question: Q, signal: AbortSignal) {
      const answer = last.then(() => {
        if (signal.aborted) throw new Error('cancelled');
        return engine(request, question, () => signal.aborted) as Promise<AnswerTo<Q>>;
      });
      // Whoever asked hears of a failure; the one behind only waits for the end.
      last = answer.catch(() => {});
      return answer;
    },
    async dispose() {},
  };
}
