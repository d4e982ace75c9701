import { PassThrough } from 'node:stream';
import { format } from 'node:util';
import {
  createConnection,
  createProtocolConnection,
  type Message,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { diskWorkplace } from '../../../extension/server/disk-workplace.ts';
import type { AnswerTo, Question } from '../../../extension/server/questions.ts';
import type { Reviewer, ReviewRequest } from '../../../extension/server/reviewer.ts';
import { startServer } from '../../../extension/server/server.ts';
import { fakeAnswer } from '../../server/fake-review.ts';
import { type FuzzTarget, must } from '../target.ts';

/** An editor that says anything: whatever the messages are, the server answers the next request. */
export async function languageServer(): Promise<FuzzTarget> {
  return {
    name: 'language-server',
    seeds: () => SEEDS.map((messages) => JSON.stringify(messages)),
    words: [
      ...[
        '"method":"textDocument/didChange"',
        '"method":"textDocument/didOpen"',
        '"method":"workspace/didChangeConfiguration"',
      ],
      ...[
        '"method":"lockReview/reviewNow"',
        '"method":"lockReview/rangePatches"',
        '"uri":"file:///a.patch"',
        '"uri":"untitled:x"',
      ],
      ...[
        '"version":-1',
        '"range":{"start":{"line":9,"character":9},"end":{"line":0,"character":0}}',
        '"params":null',
      ],
      ...[
        '"method":"textDocument/codeAction"',
        '"method":"textDocument/hover"',
        '"method":"textDocument/codeLens"',
      ],
      ...[
        '"method":"textDocument/inlayHint"',
        '"position":{"line":1,"character":1}',
        '"id":7',
        '"jsonrpc":"2.0"',
        'null',
        '[]',
      ],
    ],
    run: converse,
  };
}

/** In this thread: an answer of the fake engine needs no other. */
const reviewer: Reviewer = {
  ask: async <Q extends Question>(request: ReviewRequest, question: Q) =>
    (await fakeAnswer(request, question, () => false)) as AnswerTo<Q>,
  dispose: async () => {},
};

async function converse(text: string): Promise<void> {
  // What a handler throws, the protocol's library prints and forgets.
  const complaints: string[] = [];
  const print = console.error;
  console.error = (...all: unknown[]) => void complaints.push(format(...all));
  try {
    await talk(text, complaints);
  } finally {
    console.error = print;
  }
}

async function talk(text: string, complaints: readonly string[]): Promise<void> {
  const messages = readMessages(text);
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  startServer(createConnection(ProposedFeatures.all, toServer, toClient), {
    version: '0',
    reviewer,
    workplace: diskWorkplace,
    ruleUri: () => null,
  });
  const client = createProtocolConnection(
    new StreamMessageReader(toClient),
    new StreamMessageWriter(toServer),
  );
  client.onUnhandledNotification(() => {});
  client.onError(() => {});
  client.listen();
  await client.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} });
  const writer = new StreamMessageWriter(toServer);
  for (const message of messages) await writer.write(message);
  const reply = await client.sendRequest('lockReview/rangePatches', { range: 'v1..v2' });
  must(typeof reply === 'object' && reply !== null, 'the server no longer answers');
  await client.sendRequest('shutdown');
  client.dispose();
  must(complaints.length === 0, complaints.join('\n'));
}

/** The messages that a text means; an ending server and the process that it watches are not to be fuzzed in-process. */
function readMessages(text: string): Message[] {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return [];
  }
  const harmless = (one: unknown): one is Message =>
    typeof one === 'object' &&
    one !== null &&
    !Array.isArray(one) &&
    !['exit', 'initialize', 'shutdown'].includes(String((one as { method?: unknown }).method)) &&
    // The fake reviewer does as it is told.
    !/EXIT|CRASH|SPIN|HANG/.test(text);
  return (Array.isArray(given) ? given : [given]).filter(harmless);
}

const open = (uri: string, languageId: string, text: string) => ({
  jsonrpc: '2.0',
  method: 'textDocument/didOpen',
  params: { textDocument: { uri, languageId, version: 1, text } },
});
const tell = (method: string, params: unknown) => ({ jsonrpc: '2.0', method, params });
const ask = (id: number, method: string, params: unknown) => ({ jsonrpc: '2.0', id, method, params });
const at = { textDocument: { uri: 'file:///a.patch' }, position: { line: 1, character: 1 } };

const SEEDS: readonly (readonly object[])[] = [
  [
    open(
      'file:///a.patch',
      'diff',
      'diff --git a/m.c b/m.c\n--- a/m.c\n+++ b/m.c\n@@ -1 +1 @@\n-a\n+FINDING lock-leak\n',
    ),
    tell('textDocument/didChange', {
      textDocument: { uri: 'file:///a.patch', version: 2 },
      contentChanges: [
        { range: { start: { line: 0, character: 0 }, end: { line: 1, character: 2 } }, text: 'x' },
      ],
    }),
    ask(7, 'lockReview/reviewNow', { uri: 'file:///a.patch' }),
    tell('textDocument/didSave', { textDocument: { uri: 'file:///a.patch' } }),
    tell('textDocument/didClose', { textDocument: { uri: 'file:///a.patch' } }),
  ],
  [
    tell('workspace/didChangeConfiguration', { settings: { lockReview: { tree: '', rules: { a: 'off' } } } }),
    tell('workspace/didChangeWatchedFiles', { changes: [{ uri: 'file:///.git/logs/HEAD', type: 2 }] }),
    ask(8, 'lockReview/rangePatches', { range: '--upload-pack=x..y' }),
    tell('$/cancelRequest', { id: 8 }),
  ],
  [
    open('untitled:u', 'c', 'int f(void)\n{\n\treturn 0;\n}\n'),
    ask(9, 'textDocument/hover', at),
    ask(10, 'textDocument/codeLens', { textDocument: at.textDocument }),
    ask(11, 'textDocument/codeAction', {
      ...at,
      range: { start: at.position, end: at.position },
      context: { diagnostics: [] },
    }),
    ask(12, 'textDocument/inlayHint', { ...at, range: { start: at.position, end: at.position } }),
  ],
];
