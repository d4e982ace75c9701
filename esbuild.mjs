// Bundles the extension, the language server, its worker and the command line into dist/.
//   node esbuild.mjs [--minify]
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { thirdPartyNotices } from './scripts/package/notices.mjs';

const ROOT = path.dirname(fileURLToPath(import.meta.url));
const at = (...parts) => path.join(ROOT, ...parts);

/** The parser's parts, which lie beside the bundles. */
const WASM = [
  'node_modules/web-tree-sitter/web-tree-sitter.wasm',
  'node_modules/tree-sitter-c/tree-sitter-c.wasm',
];

/** What every CommonJS bundle for Node shares; the tests bundle their suites with it too. */
export const nodeBundle = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  // web-tree-sitter's ESM build finds its own path through import.meta, which CommonJS has not.
  alias: { 'web-tree-sitter': at('node_modules/web-tree-sitter/web-tree-sitter.cjs') },
  // Our own sources find the files beside them through import.meta.url: give it to them.
  define: { 'import.meta.url': '__bundleUrl' },
  banner: { js: 'const __bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
  legalComments: 'none',
  logLevel: 'warning',
  mainFields: ['module', 'main'],
};

/** What activation does not need is a bundle of its own, which is not even parsed before it is asked for. */
const lazyParts = {
  name: 'lazy-parts',
  setup(build) {
    build.onResolve({ filter: /^\.\/(?:session|simulations)\.ts$/ }, ({ kind, path: file }) =>
      kind === 'dynamic-import' ? { path: file.replace(/\.ts$/, '.cjs'), external: true } : null,
    );
  },
};

/** For a browser: one file each, without Node's modules, and with the stand-ins for what needs them. */
export const browserBundle = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'browser',
  format: 'cjs',
  target: 'es2022',
  external: ['vscode'],
  legalComments: 'none',
  logLevel: 'warning',
  mainFields: ['browser', 'module', 'main'],
  // web-tree-sitter works out where it would fetch its parts from, although it is handed them: a worker made of a
  // blob has no address to work that out from.
  define: { 'import.meta.url': '"https://extension.invalid/"' },
  plugins: [
    {
      name: 'browser-stand-ins',
      setup(build) {
        build.onResolve({ filter: /^\.\/[\w-]+\.ts$/ }, ({ resolveDir, path: name }) => {
          const standIn = path.join(resolveDir, name.replace(/\.ts$/, '.browser.ts'));
          return existsSync(standIn) ? { path: standIn } : null;
        });
      },
    },
  ],
};

/** An icon is drawn by the panel itself, from the paths in its file: nothing of it is ever parsed as markup. */
const iconPaths = {
  name: 'icon-paths',
  setup(build) {
    build.onLoad({ filter: /codicons.*\.svg$/ }, async ({ path: file }) => {
      const paths = [...(await readFile(file, 'utf8')).matchAll(/<path\b[^>]*?\sd="([^"]+)"/g)].map(
        ([, d]) => d,
      );
      if (paths.length === 0) throw new Error(`${file} holds no path`);
      return { contents: `export default ${JSON.stringify(paths)}`, loader: 'js' };
    });
  },
};

/** Builds everything into `outdir`. Throws (with esbuild's message) when a source does not build. */
export async function buildAll({ minify = false, outdir = 'dist' } = {}) {
  mkdirSync(at(outdir), { recursive: true });
  const shared = { ...nodeBundle, minify, sourcemap: minify ? false : 'linked', metafile: true };
  const browser = (entry, file) =>
    build({
      ...browserBundle,
      minify,
      sourcemap: shared.sourcemap,
      metafile: true,
      entryPoints: [entry],
      outfile: `${outdir}/${file}`,
    });
  const results = await Promise.all([
    build({
      ...shared,
      entryPoints: {
        server: 'extension/server/main.ts',
        worker: 'extension/server/worker.ts',
        simulator: 'extension/simulation/worker.ts',
      },
      outdir,
      outExtension: { '.js': '.cjs' },
    }),
    build({
      ...shared,
      entryPoints: {
        extension: 'extension/client/main.ts',
        session: 'extension/client/session.ts',
        simulations: 'extension/client/simulations.ts',
      },
      plugins: [lazyParts],
      // A `require`, not an `import`, at that moment: it is what VS Code answers for the module `vscode`.
      supported: { 'dynamic-import': false },
      outdir,
      outExtension: { '.js': '.cjs' },
    }),
    build({
      ...shared,
      entryPoints: { mcp: 'extension/tools/mcp.ts' },
      outdir,
      outExtension: { '.js': '.cjs' },
    }),
    build({
      ...shared,
      entryPoints: { 'lock-review': 'extension/cli/main.ts' },
      banner: { js: `#!/usr/bin/env node\n${nodeBundle.banner.js}` },
      outdir,
      outExtension: { '.js': '.cjs' },
    }),
    // This package is one of modules: an extension in CommonJS has to say so by its name ...
    browser('extension/client/main.ts', 'browser/extension.cjs'),
    // ... and a browser takes no worker of that name.
    browser('extension/server/browser.ts', 'browser/server.js'),
    buildPanel({ minify, outdir: `${outdir}/media` }),
  ]);
  chmodSync(at(outdir, 'lock-review.cjs'), 0o755);
  for (const wasm of WASM) copyFileSync(at(wasm), at(outdir, path.basename(wasm)));
  copyFileSync(at('extension/cli/lock-review.schema.json'), at(outdir, 'lock-review.schema.json'));
  await writeRulePages(at(outdir, 'rules'));
  const outputs = Object.assign({}, ...results.map((r) => r.metafile.outputs));
  const inputs = Object.assign({}, ...results.map((r) => r.metafile.inputs));
  writeFileSync(at(outdir, 'meta.json'), JSON.stringify({ inputs, outputs }));
  const notices = thirdPartyNotices(ROOT, [...Object.keys(inputs), ...WASM]);
  writeFileSync(at(outdir, 'THIRD-PARTY-NOTICES.txt'), notices);
  return outputs;
}

/** The panel's page: one script and one style sheet, for the browser that VS Code is. */
export function buildPanel({ minify, outdir }) {
  return build({
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    entryPoints: { panel: 'media/panel/main.tsx' },
    outdir,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    plugins: [iconPaths],
    minify,
    sourcemap: minify ? false : 'inline',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
}

/** Each rule's page as Markdown, for the link behind a diagnostic's code: ID.md in `rules`. */
async function writeRulePages(rules) {
  rmSync(rules, { recursive: true, force: true });
  const bundle = path.join(rules, 'pages.cjs');
  const contents =
    "export { allRules } from './engine/check/index.ts'; export { ruleMarkdown } from './engine/report/index.ts';";
  await build({ ...nodeBundle, stdin: { contents, resolveDir: ROOT, loader: 'ts' }, outfile: bundle });
  const { allRules, ruleMarkdown } = createRequire(import.meta.url)(bundle);
  for (const rule of allRules()) writeFileSync(path.join(rules, `${rule.id}.md`), ruleMarkdown(rule));
  rmSync(bundle);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outputs = await buildAll({ minify: process.argv.includes('--minify') });
  for (const [file, { bytes }] of Object.entries(outputs))
    if (!file.endsWith('.map')) console.log(`${file}  ${(bytes / 1024).toFixed(0)} kB`);
}
