#!/usr/bin/env node
// A stand-in for the desktop VS Code executable: takes its arguments for running an extension's tests, and
// runs them in VS Code's server and workbench. `runTests({ vscodeExecutablePath: '…/host.mjs', … })`.
//
// Environment: HOST_TIMEOUT_MS; HOST_VERBOSE=1 shows all of the workbench's output; HOST_LOG=FILE keeps the
// server's; HOST_SCREENS=DIR is where a test asks for screenshots (a file NAME.request becomes NAME.png).
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { format } from 'node:util';
import { ensureHost } from './install.mjs';
import { launchChromium, startServer, workbenchUrl } from './server.mjs';

const LIMIT = Number(process.env.HOST_TIMEOUT_MS ?? 600_000);
/** What the workbench says about itself in every run, whatever the extension does. */
const NOISE = [
  /^\[(AgentHost|ChatModelSelection|AccountPolicyGate|Service Worker|reconnection-grace-time)/,
  /^(Resolv|Creating a socket|getaddrinfo|Updating additional|Started local ext|The web worker ext)/,
  /^\s+at .*\/workbench\.js/,
  // Two native modules of the server are not compiled here; it has its own way round both.
  /^Canceled: Canceled: Canceled/,
  /^(Timed out waiting for authentication|Creation of workbench contribution|DialogService: )/,
  /spdlog\.node|build\/Release\/watchdog/,
];

const options = parse(process.argv.slice(2));
const scratch = mkdtempSync(path.join(tmpdir(), 'lock-review-host-'));
let server;
let browser;
let status = 1;

const cleanUp = async () => {
  await browser?.close();
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
};
for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, () => {
    cleanUp().finally(() => process.exit(143));
  });

try {
  const host = await ensureHost();
  server = await startServer({
    host,
    dir: scratch,
    trust: options['disable-workspace-trust'] !== undefined,
    userData: options['user-data-dir'] ?? path.join(scratch, 'user'),
    extensions: options['extensions-dir'] ?? path.join(scratch, 'extensions'),
    log: process.env.HOST_LOG,
  });
  browser = await launchChromium(host.chromium);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const ended = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
  await page.exposeFunction('codeAutomationLog', (_type, args) => print(format(...args)));
  page.on('crash', () => console.error('host: the page crashed'));
  await page.goto(
    workbenchUrl(server, {
      paths: options.paths,
      developmentPaths: options.extensionDevelopmentPath,
      testsPath: options.extensionTestsPath,
    }),
    // A loaded machine takes long to show the page; the one limit is the one below.
    { waitUntil: 'commit', timeout: LIMIT },
  );
  const camera = serveScreenshots(page, process.env.HOST_SCREENS);
  const limit = new Promise((resolve) => setTimeout(() => resolve('late'), LIMIT).unref());
  const result = await Promise.race([ended, limit]);
  clearInterval(camera);
  if (result === 'late') console.error(`host: no result after ${LIMIT} ms`);
  else status = result;
} catch (error) {
  console.error('host:', error);
} finally {
  await cleanUp();
}
process.exit(status);

function print(text) {
  if (process.env.HOST_VERBOSE || !NOISE.some((noise) => noise.test(text)))
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Takes a picture for every request file; the request is removed when the picture is there. */
function serveScreenshots(page, dir) {
  if (!dir) return undefined;
  mkdirSync(dir, { recursive: true });
  let busy = false;
  return setInterval(async () => {
    if (busy) return;
    busy = true;
    for (const file of readdirSync(dir).filter((name) => name.endsWith('.request'))) {
      const name = path.basename(file, '.request');
      await page.screenshot({ path: path.join(dir, `${name}.png`) });
      rmSync(path.join(dir, file));
    }
    busy = false;
  }, 100);
}

function parse(argv) {
  const result = { extensionDevelopmentPath: [], paths: [] };
  const withValue = new Set([
    'user-data-dir',
    'extensions-dir',
    'extensionTestsPath',
    'extensionDevelopmentPath',
  ]);
  for (let i = 0; i < argv.length; i++) {
    const option = /^--([^=]+)(?:=(.*))?$/s.exec(argv[i]);
    if (!option) {
      if (existsSync(argv[i])) result.paths.push(argv[i]);
      continue;
    }
    const [, name, inline] = option;
    const value = inline ?? (withValue.has(name) ? argv[++i] : true);
    if (name === 'extensionDevelopmentPath') result.extensionDevelopmentPath.push(value);
    else result[name] = value;
  }
  return result;
}
