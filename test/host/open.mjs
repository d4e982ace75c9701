// npm start [PATCH]: opens VS Code with the extension and a patch, by default the sample series.
// Desktop VS Code where the command `code` is there; else the tests' VS Code server, with its address.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildAll } from '../../esbuild.mjs';
import { ensureHost, ROOT, which } from './install.mjs';
import { startServer, workbenchUrl } from './server.mjs';

const given = process.argv[2];
const patch = path.resolve(given ?? path.join(ROOT, 'sample/series.mbox'));
if (!existsSync(patch)) {
  console.error(`npm start: there is no file ${patch}`);
  process.exit(2);
}

await buildAll();
const folder = path.dirname(patch);
if (which('code') && process.env.LOCK_REVIEW_VSCODE !== 'server') {
  const child = spawn('code', ['--new-window', `--extensionDevelopmentPath=${ROOT}`, folder, patch], {
    stdio: 'inherit',
  });
  child.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} else await openServer();

async function openServer() {
  const host = await ensureHost({ browser: false });
  const scratch = mkdtempSync(path.join(tmpdir(), 'lock-review-'));
  const server = await startServer({
    host,
    dir: scratch,
    token: randomUUID(),
    userData: path.join(scratch, 'user'),
    extensions: path.join(scratch, 'extensions'),
  });
  const stop = () =>
    server.stop().finally(() => {
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
      process.exit(0);
    });
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  server.process.once('exit', stop);
  console.log('VS Code with the extension is at this address, on this machine only; Ctrl+C ends it:\n');
  console.log(workbenchUrl(server, { paths: [folder, patch], developmentPaths: [ROOT] }));
}
