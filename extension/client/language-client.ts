import path from 'node:path';
import type * as vscode from 'vscode';
import {
  type BaseLanguageClient,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  TransportKind,
} from 'vscode-languageclient/node';

/** A client of the server in a process of its own. In a browser `language-client.browser.ts` stands in for this. */
export function createLanguageClient(
  context: vscode.ExtensionContext,
  options: LanguageClientOptions,
): BaseLanguageClient {
  const module = path.join(context.extensionPath, 'dist/server.cjs');
  const server: ServerOptions = {
    run: { module, transport: TransportKind.ipc },
    debug: { module, transport: TransportKind.ipc, options: { execArgv: ['--nolazy', '--inspect=6071'] } },
  };
  return new LanguageClient('lockReview', 'Kernel Lock Review', server, options);
}
