/** Texts of the project's own fixtures and sample, as seeds. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The scripts run from the project's folder, as npm does it. */
const ROOT = process.cwd();

/** The texts of all files below a folder of the project whose path ends in one of `endings`, in order of name. */
export function textsBelow(folder: string, endings: readonly string[], longest = 64 << 10): string[] {
  return filesBelow(folder, endings)
    .map((file) => readFileSync(file, 'utf8'))
    .filter((text) => text.length <= longest);
}

/** The sample's tree, by path. */
export function sampleTree(): Map<string, string> {
  const root = path.join(ROOT, 'sample/tree');
  return new Map(
    filesBelow('sample/tree', ['']).map((file) => [
      path.relative(root, file).split(path.sep).join('/'),
      readFileSync(file, 'utf8'),
    ]),
  );
}

function filesBelow(folder: string, endings: readonly string[]): string[] {
  const base = path.join(ROOT, folder);
  if (statSync(base, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
