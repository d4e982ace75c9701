import * as vscode from 'vscode';
import {
  type BaseLanguageClient,
  BrowserMessageReader,
  BrowserMessageWriter,
  LanguageClient,
  type LanguageClientOptions,
  type MessageTransports,
} from 'vscode-languageclient/browser';
import {
  type FolderEntry,
  type InitializationOptions,
  READ_FILE,
  READ_FOLDER,
  type ReadParams,
} from '../server/messages.ts';

/** The browser's own; the compiler is told of Node only. */
declare const Worker: new (url: string) => ConstructorParameters<typeof BrowserMessageReader>[0];

/** A client of the server in a web worker, which reads the workspace through the editor. */
export function createLanguageClient(
  context: vscode.ExtensionContext,
  options: LanguageClientOptions,
): BaseLanguageClient {
  const dist = vscode.Uri.joinPath(context.extensionUri, 'dist');
  const given: unknown = options.initializationOptions;
  const client = new LanguageClient(
    'lockReview',
    'Kernel Lock Review',
    async () => startWorker(vscode.Uri.joinPath(dist, 'browser/server.js')),
    {
      ...options,
      initializationOptions: (): InitializationOptions => ({
        ...(typeof given === 'function' ? given() : given),
        assets: dist.toString(),
      }),
    },
  );
  client.onRequest(READ_FILE, ({ uri }: ReadParams) => readFile(vscode.Uri.parse(uri)));
  client.onRequest(READ_FOLDER, ({ uri }: ReadParams) => readFolder(vscode.Uri.parse(uri)));
  return client;
}

/** The transports are made here: the extension host's `Worker` is not the class that the client would know one by. */
function startWorker(script: vscode.Uri): MessageTransports {
  const worker = new Worker(script.toString(true));
  return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
}

async function readFile(uri: vscode.Uri): Promise<Uint8Array | null> {
  // One of the extension's own files is at an address, not in a file system.
  return unlessMissing(async () => vscode.workspace.fs.readFile(uri));
}

async function readFolder(uri: vscode.Uri): Promise<FolderEntry[] | null> {
  return unlessMissing(async () => {
    const { type } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.Directory) === 0) return null;
    const entries = await vscode.workspace.fs.readDirectory(uri);
    return entries.map(([name, kind]): FolderEntry => [name, KINDS.get(kind) ?? 'other']);
  });
}

const KINDS = new Map<vscode.FileType, FolderEntry[1]>([
  [vscode.FileType.File, 'file'],
  [vscode.FileType.Directory, 'folder'],
]);

/** Null for what is not there, or not of the kind asked for; other failures are the caller's to tell. */
async function unlessMissing<T>(read: () => Promise<T | null>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof vscode.FileSystemError ? error.code : '';
    if (code === 'FileNotFound' || code === 'FileIsADirectory' || code === 'FileNotADirectory') return null;
    throw error;
  }
}
