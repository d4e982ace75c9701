// The files that are shipped, in a folder of their own: those that an allow-list lets through, readable by all,
// with a manifest that says nothing of how they were built. Packages are made of such a folder, and the tests
// in VS Code run it, so that they notice what a package lacks.
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const STAGED = path.join(ROOT, '.vscode-test/extension');
/** What an npm package of the command line is made of; `package.json` is written, not copied. */
const COMMAND_LINE = [
  'dist/{lock-review,mcp,server,worker}.cjs',
  'dist/*.wasm',
  'dist/rules/*.md',
  'dist/lock-review.schema.json',
  'dist/THIRD-PARTY-NOTICES.txt',
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'LICENSE',
];
/** Of the manifest, what a package of the command line says of itself. */
const COMMAND_LINE_KEYS = ['name', 'version', 'description', 'license', 'keywords', 'bin', 'engines'];
/** Of the manifest, what only matters to those who build: everything that runs is bundled. */
const BUILD_KEYS = ['private', 'type', 'bin', 'scripts', 'devDependencies', 'dependencies'];
/** Never looked into: no allow-list lets anything of these through. */
const SKIPPED = new Set(['node_modules', '.git', '.vscode-test', 'engine', 'extension', 'test', 'coverage']);

/**
 * Copies what the extension ships of the last build: what `.vscodeignore` lets through. Returns the folder, its
 * files, and their size compressed, in bytes.
 */
export function stageExtension(folder = STAGED) {
  const manifest = Object.entries(readManifest()).filter(([key]) => !BUILD_KEYS.includes(key));
  return stage(folder, shippedPatterns(), Object.fromEntries(manifest));
}

/** The same for the command line's npm package. */
export function stageCommandLine(folder) {
  const manifest = readManifest();
  const shown = Object.fromEntries(COMMAND_LINE_KEYS.map((key) => [key, manifest[key]]));
  shown.engines = { node: manifest.engines.node };
  return stage(folder, COMMAND_LINE.map(glob), shown);
}

function stage(folder, patterns, manifest) {
  rmSync(folder, { recursive: true, force: true });
  const files = filesBelow('').filter((file) => patterns.some((pattern) => pattern.test(file)));
  let size = 0;
  for (const file of files) {
    const copy = path.join(folder, file);
    mkdirSync(path.dirname(copy), { recursive: true });
    cpSync(path.join(ROOT, file), copy);
    // Not what the umask of whoever builds makes of it.
    chmodSync(copy, file === 'dist/lock-review.cjs' ? 0o755 : 0o644);
    size += gzipSync(readFileSync(copy)).length;
  }
  const shownManifest = path.join(folder, 'package.json');
  writeFileSync(shownManifest, `${JSON.stringify(manifest, null, 2)}\n`);
  chmodSync(shownManifest, 0o644);
  return { folder, files: [...new Set([...files, 'package.json'])].sort(), size };
}

const readManifest = () => JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

/** The lines of .vscodeignore are `**`, which leaves everything out, and then what is let back in. */
function shippedPatterns() {
  const lines = readFileSync(path.join(ROOT, '.vscodeignore'), 'utf8').split('\n').filter(Boolean);
  if (lines[0] !== '**' || !lines.slice(1).every((line) => line.startsWith('!')))
    throw new Error('.vscodeignore must be a list of what to ship: ** and then lines that begin with !');
  return lines.slice(1).map((line) => glob(line.slice(1)));
}

/** A glob of `**`, `*` and `{a,b}` as a regular expression over whole paths. */
function glob(pattern) {
  const source = pattern.replaceAll(/\*\*\/|\*\*|\*|\{[^}]*\}|[^*{]+/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(escaped).join('|')})`;
    return escaped(part);
  });
  return new RegExp(`^${source}$`);
}

const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

function filesBelow(folder) {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(name) ? [] : filesBelow(name);
    return entry.isFile() ? [name] : [];
  });
}
