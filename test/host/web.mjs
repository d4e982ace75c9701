// Runs the suite of test/web in VS Code for the Web: node test/host/web.mjs [--grep TEXT]
//
// The workbench, the extension and its server run in a browser; the workspace is a virtual one (the sample, over
// HTTP), so there is no disk, no process and no git.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';
import { build } from 'esbuild';
import { browserBundle, buildAll } from '../../esbuild.mjs';
import { stageExtension } from '../../scripts/package/stage.mjs';
import { ensureWebHost, ROOT } from './install.mjs';
import { launchChromium } from './server.mjs';

const SUITE = path.join(ROOT, '.vscode-test/web-suite');
const LIMIT = Number(process.env.HOST_TIMEOUT_MS ?? 180_000);
/** How the suite says what became of it: through the console, the one way out of a worker. */
const RESULT = /^LOCK_REVIEW_RESULT (\{.*\})$/;

/** Builds the extension and the suite, runs it, and returns `{ passed, failed }`. */
export async function runWebSuite({ grep = '' } = {}) {
  await buildAll({ minify: true });
  const extension = stageExtension().folder;
  await buildSuite(grep);
  const host = await ensureWebHost();
  const server = await startServer(host, extension);
  const browser = await launchChromium(host.chromium);
  let result = null;
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const ended = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
    await page.exposeFunction('codeAutomationLog', (_type, args) => {
      const text = format(...args);
      const [, json] = RESULT.exec(text) ?? [];
      if (json !== undefined) result = JSON.parse(json);
      else if (process.env.HOST_VERBOSE || /^ {2}[✔✖] /.test(text)) console.log(text);
    });
    await page.goto(server.url, { waitUntil: 'commit', timeout: LIMIT });
    const limit = new Promise((resolve) => setTimeout(() => resolve('late'), LIMIT).unref());
    if ((await Promise.race([ended, limit])) === 'late')
      console.error(`web host: no result after ${LIMIT} ms`);
  } finally {
    await browser.close();
    await server.stop();
  }
  if (result === null || result.passed + result.failed === 0) {
    console.error('web host: no test was run');
    return { passed: 0, failed: 1 };
  }
  return result;
}

/** The suite is an extension of its own: the server looks for tests only inside what is under development. */
async function buildSuite(grep) {
  rmSync(SUITE, { recursive: true, force: true });
  mkdirSync(SUITE, { recursive: true });
  const manifest = {
    name: 'suite',
    publisher: 'lock-review-test',
    version: '0.0.1',
    engines: { vscode: '*' },
  };
  writeFileSync(path.join(SUITE, 'package.json'), JSON.stringify(manifest));
  await build({
    ...browserBundle,
    entryPoints: { suite: 'test/web/suite.ts' },
    outdir: SUITE,
    sourcemap: 'inline',
    define: { ...browserBundle.define, TEST_GREP: JSON.stringify(grep) },
  });
}

async function startServer(host, extension) {
  const { open } = createRequire(import.meta.url)(host.server);
  const port = await freePort();
  const server = await open({
    browserType: 'none',
    // Each extension host is an origin of its own: SOMETHING.localhost.
    host: 'localhost',
    port,
    quality: 'stable',
    commit: host.commit,
    testRunnerDataDir: host.builds,
    extensionDevelopmentPath: SUITE,
    extensionTestsPath: path.join(SUITE, 'suite.js'),
    extensionPaths: [extension],
    folderPath: path.join(ROOT, 'sample'),
  });
  return { url: `http://localhost:${port}/`, stop: () => server.dispose() };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const grep = process.argv.indexOf('--grep');
  const { passed, failed } = await runWebSuite({ grep: grep < 0 ? '' : process.argv[grep + 1] });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
