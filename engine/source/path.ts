/** Paths as they stand in patches: attacker-controlled labels until they have passed through here. */

/** A path longer than this is no path of a source tree. */
const MAX_PATH = 4096;

/**
 * The path in its plain form (`/`-separated, relative, without `.` parts), or null where it could lead out of
 * a tree or is no path at all: absolute, with a drive letter, with `..`, NUL or another control character,
 * empty, or into a `.git` folder.
 */
export function cleanPath(path: string): string | null {
  if (path.length === 0 || path.length > MAX_PATH) return null;
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return null;
  }
  const plain = path.includes('\\') ? path.replaceAll('\\', '/') : path;
  if (plain.startsWith('/') || plain.startsWith('~')) return null;
  if (plain.length >= 2 && plain[1] === ':' && isLetter(plain.charCodeAt(0))) return null;
  const parts: string[] = [];
  for (const part of plain.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' || part.toLowerCase() === '.git') return null;
    parts.push(part);
  }
  return parts.length === 0 ? null : parts.join('/');
}

/** The folder of a path; the empty string at the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether `path` lies below the folder `under` (or is it). The empty string is the root. */
export function isBelow(path: string, under: string): boolean {
  if (under === '') return true;
  const folder = under.endsWith('/') ? under.slice(0, -1) : under;
  return path === folder || (path.startsWith(folder) && path[folder.length] === '/');
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
