// The extension as it would be packaged: the files that .vscodeignore lets through, in a folder of their own,
// so that the tests in VS Code notice what the package lacks.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from './install.mjs';

const STAGED = path.join(ROOT, '.vscode-test/extension');
/** Never looked into: `.vscodeignore` lets nothing of these through. */
const SKIPPED = new Set(['node_modules', '.git', '.vscode-test', 'engine', 'extension', 'test', 'coverage']);

/** Copies the shipped files of the last build. Returns the folder, and the size of its files compressed. */
export function stageExtension() {
  rmSync(STAGED, { recursive: true, force: true });
  const shipped = shippedPatterns();
  let size = 0;
  const files = filesBelow('').filter((file) => shipped.some((pattern) => pattern.test(file)));
  for (const file of files) {
    mkdirSync(path.dirname(path.join(STAGED, file)), { recursive: true });
    cpSync(path.join(ROOT, file), path.join(STAGED, file));
    size += gzipSync(readFileSync(path.join(ROOT, file))).length;
  }
  return { folder: STAGED, files, size };
}

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
