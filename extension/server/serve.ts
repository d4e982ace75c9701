import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Connection, createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import manifest from '../../package.json' with { type: 'json' };
import { diskWorkplace } from './disk-workplace.ts';
import { startServer } from './server.ts';
import { createWorkerReviewer } from './worker-reviewer.ts';

/**
 * Serves over `connection`: by default the channel that the program's arguments name (`--stdio`,
 * `--node-ipc`, `--socket=N`). The worker and the rules' pages lie beside the bundle.
 */
export function serve(connection: Connection = createConnection(ProposedFeatures.all)): void {
  startServer(connection, {
    version: manifest.version,
    reviewer: createWorkerReviewer(fileURLToPath(new URL('./worker.cjs', import.meta.url))),
    workplace: diskWorkplace,
    ruleUri,
  });
}

function ruleUri(rule: string): string | null {
  const page = new URL(`./rules/${encodeURIComponent(rule)}.md`, import.meta.url);
  return existsSync(page) ? page.href : null;
}
