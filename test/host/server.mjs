// Starts the VS Code server and a browser on its workbench: what host.mjs (tests) and open.mjs (people) share.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { chromium } from 'playwright-core';

const READY = /Web UI available at|Extension host agent started/;
const START_LIMIT = 60_000;

/**
 * Starts VS Code's server. The server's main script itself, not the `code-server` command: only it honours
 * an extension under development and an extension's tests.
 * @param host what `ensureHost()` returned
 * @param dir a scratch folder for everything the server writes
 * @param token what a browser must show to be let in; none for a browser of our own
 * @param trust false: workspace trust is on, so a new folder opens in Restricted Mode
 */
export async function startServer({
  host,
  dir,
  trust = true,
  token,
  port,
  userData,
  extensions,
  env = {},
  log,
}) {
  const chosen = port ?? (await freePort());
  const scratch = path.join(dir, 'tmp');
  mkdirSync(scratch, { recursive: true });
  writeSettings(userData);
  const args = [
    path.join(host.vscode, 'out/server-main.js'),
    ...['--host', '127.0.0.1', '--port', String(chosen)],
    ...(token ? ['--connection-token', token] : ['--without-connection-token']),
    ...[
      '--accept-server-license-terms',
      '--enable-smoke-test-driver',
      '--disable-telemetry',
      '--disable-experiments',
    ],
    ...(trust ? ['--disable-workspace-trust'] : []),
    ...['--server-data-dir', path.join(dir, 'server'), '--reconnection-grace-time', '5'],
    ...['--user-data-dir', userData, '--extensions-dir', extensions],
  ];
  // Without its own places for sockets the server leaves them behind in the common ones.
  const child = spawn(host.node, args, {
    env: { ...process.env, TMPDIR: scratch, XDG_RUNTIME_DIR: scratch, XDG_CACHE_HOME: scratch, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const logFile = log ? createWriteStream(log) : null;
  await new Promise((resolve, reject) => {
    let output = '';
    const give = (error) => {
      clearTimeout(limit);
      if (error) reject(error);
      else resolve();
    };
    const limit = setTimeout(
      () => give(new Error(`the VS Code server did not start:\n${output}`)),
      START_LIMIT,
    );
    const read = (data) => {
      logFile?.write(data);
      if (output.length < 20_000) output += data;
      if (READY.test(output)) give();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => give(new Error(`the VS Code server ended with status ${code}:\n${output}`)));
  });
  return {
    port: chosen,
    origin: `http://127.0.0.1:${chosen}`,
    token,
    process: child,
    stop: () => stop(child).finally(() => logFile?.end()),
  };
}

/** Ends the server and the extension hosts that it started (its process group). */
async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  signalGroup(child.pid, 'SIGTERM');
  const hard = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 3000);
  await ended;
  clearTimeout(hard);
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // The group may have ended in between.
    if (error.code !== 'ESRCH') throw error;
  }
}

/** A quiet editor: no welcome page, no chat, no question about trust, nothing that moves by itself. */
export function writeSettings(userData, more = {}) {
  const file = path.join(userData, 'User/settings.json');
  if (existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify({
      'chat.disableAIFeatures': true,
      'workbench.startupEditor': 'none',
      'workbench.secondarySideBar.defaultVisibility': 'hidden',
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'never',
      'git.openRepositoryInParentFolders': 'never',
      'files.autoSave': 'off',
      ...more,
    }),
  );
}

/** The page's address for a folder, a workspace file or files, as desktop VS Code's arguments name them. */
export function workbenchUrl(server, { paths = [], developmentPaths = [], testsPath, verbose = false }) {
  const url = new URL(`${server.origin}/`);
  if (server.token) url.searchParams.set('tkn', server.token);
  const payload = [
    ...developmentPaths.map((p) => ['extensionDevelopmentPath', remoteUri(server, p)]),
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
    ...(testsPath ? [['extensionTestsPath', remoteUri(server, testsPath)]] : []),
    ...(verbose ? [['verbose', 'true']] : []),
  ];
  let opened = false;
  for (const given of paths) {
    if (!existsSync(given)) continue;
    if (statSync(given).isDirectory()) url.searchParams.set('folder', path.resolve(given));
    else if (given.endsWith('.code-workspace')) url.searchParams.set('workspace', path.resolve(given));
    else {
      payload.push(['openFile', remoteUri(server, given)]);
      continue;
    }
    opened = true;
  }
  if (!opened) url.searchParams.set('ew', 'true');
  url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

const remoteUri = (server, file) => `vscode-remote://127.0.0.1:${server.port}${path.resolve(file)}`;

/** A headless chromium that reaches nothing but this machine. */
export const launchChromium = (executablePath) =>
  chromium.launch({
    handleSIGINT: false,
    handleSIGTERM: false,
    executablePath,
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update'],
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost',
    ],
  });

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
