import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import {
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DidSaveTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  type InitializeParams,
  InitializeRequest,
  type InitializeResult,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { STATUS, type StatusParams } from '../../extension/server/messages.ts';

/** A language client of our own over stdio, as any editor has one. */
export interface Client {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcess;
  readonly result: InitializeResult;
  /** Everything that was published, in order. */
  readonly published: readonly PublishDiagnosticsParams[];
  readonly statuses: readonly StatusParams[];
  readonly logs: readonly string[];
  open(uri: string, languageId: string, text: string): void;
  /** Replaces the whole text. */
  edit(uri: string, version: number, text: string): void;
  close(uri: string): void;
  save(uri: string): void;
  configure(settings: object): void;
  /** The diagnostics of a URI as last published; waits until they are as wanted. */
  diagnostics(uri: string, wanted: (diagnostics: Diagnostic[]) => boolean): Promise<Diagnostic[]>;
  /** Resolves to the exit status after a proper shutdown. */
  shutdown(): Promise<number | null>;
}

export interface ClientOptions {
  readonly folder?: string;
  readonly trusted?: boolean;
  /** Capabilities that the client claims; by default those of an editor that answers for its settings. */
  readonly capabilities?: InitializeParams['capabilities'];
  readonly settings?: object;
  readonly initializationOptions?: object;
}

/** Starts a server and introduces itself. @param command the program and its arguments */
export async function startClient(command: readonly string[], options: ClientOptions = {}): Promise<Client> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors: string[] = [];
  child.stderr.on('data', (data) => errors.push(String(data)));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const published: PublishDiagnosticsParams[] = [];
  const statuses: StatusParams[] = [];
  const logs: string[] = [];
  const watchers = new Set<() => void>();
  let settings: object = options.settings ?? {};

  connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
    published.push(params);
    for (const watcher of watchers) watcher();
  });
  connection.onNotification(STATUS, (params: StatusParams) => {
    statuses.push(params);
  });
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
    logs.push(message);
  });
  connection.onRequest('workspace/configuration', ({ items }: { items: object[] }) =>
    items.map(() => settings),
  );
  connection.onRequest('client/registerCapability', () => null);
  connection.listen();
  const result = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: options.folder === undefined ? null : pathToFileURL(options.folder).href,
    capabilities: options.capabilities ?? { workspace: { configuration: true, workspaceFolders: true } },
    workspaceFolders:
      options.folder === undefined ? null : [{ uri: pathToFileURL(options.folder).href, name: 'folder' }],
    initializationOptions: {
      ...(options.trusted === undefined ? {} : { trusted: options.trusted }),
      ...options.initializationOptions,
    },
  });
  await connection.sendNotification(InitializedNotification.type, {});

  return {
    connection,
    process: child,
    result,
    published,
    statuses,
    logs,
    open: (uri, languageId, text) =>
      void connection.sendNotification(DidOpenTextDocumentNotification.type, {
        textDocument: { uri, languageId, version: 1, text },
      }),
    edit: (uri, version, text) =>
      void connection.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      }),
    close: (uri) =>
      void connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } }),
    save: (uri) =>
      void connection.sendNotification(DidSaveTextDocumentNotification.type, { textDocument: { uri } }),
    configure(changed) {
      settings = changed;
      void connection.sendNotification('workspace/didChangeConfiguration', {
        settings: { lockReview: changed },
      });
    },
    diagnostics: (uri, wanted) =>
      new Promise((resolve, reject) => {
        const last = () => published.findLast((params) => params.uri === uri)?.diagnostics;
        const check = () => {
          const diagnostics = last();
          if (diagnostics === undefined || !wanted(diagnostics)) return;
          watchers.delete(check);
          clearTimeout(limit);
          resolve(diagnostics);
        };
        const limit = setTimeout(() => {
          watchers.delete(check);
          reject(new Error(`${uri} has ${JSON.stringify(last())}\n${logs.join('\n')}\n${errors.join('')}`));
        }, 20_000);
        watchers.add(check);
        check();
      }),
    async shutdown() {
      await connection.sendRequest(ShutdownRequest.type);
      await connection.sendNotification(ExitNotification.type);
      return exited;
    },
  };
}
