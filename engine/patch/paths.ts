/** Paths of a diff: from what stands in its headers to labels that cannot lead out of a tree. */
import { visible } from './invisible.ts';
import { MAX_PATH_LENGTH } from './limits.ts';

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  '\\': 92,
};

/**
 * A path as git quotes it: `"a/f\303\251.c"` is `a/fé.c`. `end` is the index behind the closing quote.
 * Null where the text at `start` is no well-formed quoted path.
 */
function unquotePath(text: string, start: number): { readonly path: string; readonly end: number } | null {
  if (text[start] !== '"') return null;
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (bytes.length > 4 * MAX_PATH_LENGTH) return null;
    const character = String.fromCodePoint(text.codePointAt(at)!);
    if (character !== '\\') {
      bytes.push(...encoder.encode(character));
      at += character.length;
      continue;
    }
    const next = text[at + 1] ?? '';
    const octal = /^[0-3][0-7]{2}/.exec(text.slice(at + 1, at + 4));
    if (octal) {
      bytes.push(Number.parseInt(octal[0], 8));
      at += 4;
    } else if (next in ESCAPES) {
      bytes.push(ESCAPES[next]!);
      at += 2;
    } else return null;
  }
  if (at >= text.length) return null;
  return { path: new TextDecoder().decode(Uint8Array.from(bytes)), end: at + 1 };
}

/** What Subversion writes behind a path. */
const SVN_REMARKS = [' (revision ', ' (working copy)', ' (nonexistent)', ' (.../'];

const DATE_WORDS = [' Mon ', ' Tue ', ' Wed ', ' Thu ', ' Fri ', ' Sat ', ' Sun '];

/** The path and the remark behind it (a date, `(revision 7)`) of a `---` or `+++` line, without the marker. */
export function headerPath(rest: string): { readonly path: string; readonly remark: string } {
  const text = rest.trimEnd();
  if (text.startsWith('"')) {
    const quoted = unquotePath(text, 0);
    if (quoted) return { path: quoted.path, remark: text.slice(quoted.end).trim() };
  }
  let cut = text.indexOf('\t');
  if (cut < 0) cut = SVN_REMARKS.reduce((least, remark) => (least < 0 ? text.indexOf(remark) : least), -1);
  if (cut < 0) cut = dateStart(text);
  if (cut < 0) return { path: text, remark: '' };
  return { path: text.slice(0, cut).trimEnd(), remark: text.slice(cut).trim() };
}

/** Where a date begins behind a path whose tab was turned into spaces, or -1. */
function dateStart(text: string): number {
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) {
    if (/^ \d{4}-\d\d-\d\d[ T]/.test(text.slice(at, at + 12))) return at;
    if (DATE_WORDS.some((word) => text.startsWith(word, at)) && /\d\d:\d\d/.test(text.slice(at, at + 40)))
      return at;
  }
  return -1;
}

/** True where a date says that the file did not exist: GNU diff writes the epoch for absent files. */
export function isEpoch(remark: string): boolean {
  return (
    remark.startsWith('1970-01-01') ||
    remark.startsWith('1969-12-31') ||
    /\b1 Jan 1970|Jan +1 .* 1970/.test(remark.slice(0, 60))
  );
}

/** The two names of a `diff --git` line, behind `diff --git `; null where they cannot be told apart. */
export function gitNames(rest: string): { readonly old: string; readonly new: string } | null {
  const text = rest.trimEnd();
  if (text.startsWith('"')) {
    const first = unquotePath(text, 0);
    if (first === null || text[first.end] !== ' ') return null;
    const second =
      text[first.end + 1] === '"' ? unquotePath(text, first.end + 1)?.path : text.slice(first.end + 1);
    return second === undefined ? null : { old: first.path, new: second };
  }
  const quoted = text.indexOf(' "');
  if (quoted > 0) {
    const second = unquotePath(text, quoted + 1);
    if (second !== null && second.end === text.length)
      return { old: text.slice(0, quoted), new: second.path };
  }
  // Both halves are the same name but for the prefix, unless it is a rename: then `rename from` tells.
  const half = (text.length - 1) / 2;
  if (Number.isInteger(half) && text[half] === ' ') {
    const a = text.slice(0, half);
    const b = text.slice(half + 1);
    if (a === b || withoutFirst(a) === withoutFirst(b)) return { old: a, new: b };
  }
  const at = text.indexOf(' b/');
  if (at > 0 && text.indexOf(' b/', at + 1) < 0) return { old: text.slice(0, at), new: text.slice(at + 1) };
  const space = text.indexOf(' ');
  if (space > 0 && text.indexOf(' ', space + 1) < 0)
    return { old: text.slice(0, space), new: text.slice(space + 1) };
  return null;
}

function withoutFirst(path: string): string | null {
  const at = path.indexOf('/');
  return at <= 0 ? null : path.slice(at + 1);
}

const NULL_DEVICE = '/dev/null';

/** The prefixes of `diff.mnemonicPrefix` beside `a/` and `b/`. */
const GIT_PREFIXES = new Set(['a', 'b', 'i', 'w', 'c', 'o', '1', '2']);

/**
 * The paths of a pair of header names relative to the top of the tree; null for `/dev/null`.
 * A first component is taken off where it is git's (`a/`, `b/`, `i/`, `w/`, …) or where the two names differ in
 * nothing else (`linux.orig/mm/x.c`, `linux/mm/x.c`).
 * `stripped` is the first component of a sibling file in the same diff, for names that stand alone.
 */
export function treePaths(
  oldName: string | null,
  newName: string | null,
  stripped: ReadonlySet<string>,
): { readonly old: string | null; readonly new: string | null; readonly prefixes: readonly string[] } {
  const a = oldName === null || oldName === NULL_DEVICE ? null : withoutBackup(oldName, newName);
  const b = newName === null || newName === NULL_DEVICE ? null : newName;
  const firstA = a === null ? null : firstComponent(a);
  const firstB = b === null ? null : firstComponent(b);
  if (a !== null && b !== null) {
    const git = firstA !== null && firstB !== null && GIT_PREFIXES.has(firstA) && GIT_PREFIXES.has(firstB);
    const restA = withoutFirst(a);
    const restB = withoutFirst(b);
    if (restA !== null && restB !== null && (git || (restA === restB && firstA !== firstB))) {
      return { old: restA, new: restB, prefixes: [firstA!, firstB!] };
    }
    // One side with a directory in front that the other has not.
    if (a.endsWith(`/${b}`)) return { old: b, new: b, prefixes: [] };
    if (b.endsWith(`/${a}`)) return { old: a, new: a, prefixes: [] };
    return { old: a, new: b, prefixes: [] };
  }
  const first = firstA ?? firstB;
  const strip = first !== null && (first === 'a' || first === 'b' || stripped.has(first));
  const single = (path: string | null) => (path === null || !strip ? path : withoutFirst(path));
  return { old: single(a), new: single(b), prefixes: strip ? [first] : [] };
}

function firstComponent(path: string): string | null {
  const at = path.indexOf('/');
  return at <= 0 ? null : path.slice(0, at);
}

/** `x.c.orig` and `x.c~` beside `x.c` name the same file. */
function withoutBackup(oldName: string, newName: string | null): string {
  if (newName === null) return oldName;
  for (const suffix of ['.orig', '.old', '~', '.bak']) if (oldName === newName + suffix) return newName;
  return oldName;
}

/** Why a path is refused, or null where it is a plain relative path. The text is fit for a message. */
export function pathObjection(path: string): string | null {
  if (path === '') return 'the path is empty';
  if (path.length > MAX_PATH_LENGTH) return `the path is longer than ${MAX_PATH_LENGTH} characters`;
  const shown = visible(path);
  if (path.includes('\0')) return `the path ${shown} holds a NUL character`;
  // biome-ignore lint/complexity/useRegexLiterals: control characters are easier to read as escapes in a string
  if (new RegExp('[\\u0000-\\u001f\\u007f]').test(path)) return `the path ${shown} holds control characters`;
  if (path.startsWith('/') || path.startsWith('\\')) return `the path ${shown} is absolute`;
  if (/^[A-Za-z]:/.test(path)) return `the path ${shown} names a drive`;
  const parts = path.split(/[/\\]/);
  if (parts.includes('..')) return `the path ${shown} leads out of the tree`;
  if (parts.includes('.git')) return `the path ${shown} lies in a repository's own files`;
  return null;
}

/** Why a file mode is refused, or null. */
export function modeObjection(mode: string | null): string | null {
  if (mode === '120000') return 'is a symbolic link (mode 120000)';
  if (mode === '160000') return 'is a submodule (mode 160000)';
  return null;
}
