/** Writing a series as a plain unified diff in git's form. */
import type { FilePatch, Hunk, HunkLine, Patch, Series } from './series.ts';

/**
 * The diff of a file, a patch or a series, as `git diff` would print it, without mail around it. Counts are those
 * of the lines at hand. A hunk whose place is not known is put behind the one before it. Empty for nothing.
 */
export function formatPatch(source: Series | Patch | FilePatch): string {
  if ('patches' in source) return source.patches.map(formatPatch).join('');
  if ('files' in source) return source.files.map(formatFile).join('');
  return formatFile(source);
}

function formatFile(file: FilePatch): string {
  const known = file.oldPath ?? file.newPath ?? 'unknown';
  const old = quote(`a/${file.oldPath ?? known}`);
  const now = quote(`b/${file.newPath ?? known}`);
  const isNew = file.oldPath === null && file.newPath !== null;
  const isGone = file.newPath === null && file.oldPath !== null;
  const out = [`diff --git ${old} ${now}`];
  if (isNew) out.push(`new file mode ${file.newMode ?? '100644'}`);
  else if (isGone) out.push(`deleted file mode ${file.oldMode ?? '100644'}`);
  else if (file.oldMode !== null && file.newMode !== null && file.oldMode !== file.newMode) {
    out.push(`old mode ${file.oldMode}`, `new mode ${file.newMode}`);
  }
  if (file.isRename && !isNew && !isGone)
    out.push(`rename from ${quote(file.oldPath!)}`, `rename to ${quote(file.newPath!)}`);
  if (file.isCopy && !isNew && !isGone)
    out.push(`copy from ${quote(file.oldPath!)}`, `copy to ${quote(file.newPath!)}`);
  if (file.oldBlob !== null && file.newBlob !== null) {
    const mode = file.oldMode !== null && file.oldMode === file.newMode ? ` ${file.oldMode}` : '';
    out.push(`index ${file.oldBlob}..${file.newBlob}${mode}`);
  }
  if (file.isBinary)
    out.push(`Binary files ${isNew ? '/dev/null' : old} and ${isGone ? '/dev/null' : now} differ`);
  else if (file.hunks.length > 0) {
    out.push(`--- ${isNew ? '/dev/null' : named(old)}`, `+++ ${isGone ? '/dev/null' : named(now)}`);
    let oldEnd = 1;
    let newEnd = 1;
    for (const hunk of file.hunks) {
      const { header, oldNext, newNext } = headerOf(hunk, oldEnd, newEnd);
      out.push(header);
      for (const line of hunk.lines) pushLine(out, line);
      oldEnd = oldNext;
      newEnd = newNext;
    }
  }
  return `${out.join('\n')}\n`;
}

function pushLine(out: string[], line: HunkLine): void {
  out.push(`${line.kind === 'added' ? '+' : line.kind === 'removed' ? '-' : ' '}${line.text}`);
  if (line.noNewline) out.push('\\ No newline at end of file');
}

function headerOf(
  hunk: Hunk,
  oldEnd: number,
  newEnd: number,
): { header: string; oldNext: number; newNext: number } {
  let old = 0;
  let now = 0;
  for (const { kind } of hunk.lines) {
    if (kind !== 'added') old++;
    if (kind !== 'removed') now++;
  }
  const oldStart = hunk.oldStart ?? (old === 0 ? oldEnd - 1 : oldEnd);
  const newStart = hunk.newStart ?? (now === 0 ? newEnd - 1 : newEnd);
  const section = hunk.section === '' ? '' : ` ${hunk.section}`;
  const header = `@@ -${range(oldStart, old)} +${range(newStart, now)} @@${section}`;
  return { header, oldNext: Math.max(1, oldStart) + old, newNext: Math.max(1, newStart) + now };
}

function range(start: number, count: number): string {
  return count === 1 ? `${start}` : `${start},${count}`;
}

/** Git puts a tab behind a name with a space in it, so that the end can be told. */
function named(path: string): string {
  return path.includes(' ') && !path.startsWith('"') ? `${path}\t` : path;
}

/** A path as git quotes it where it holds control characters, quotes or bytes beyond ASCII. */
function quote(path: string): string {
  let plain = true;
  for (const byte of new TextEncoder().encode(path))
    plain &&= byte >= 32 && byte < 127 && byte !== 34 && byte !== 92;
  if (plain) return path;
  let out = '"';
  for (const byte of new TextEncoder().encode(path)) {
    if (byte === 34 || byte === 92) out += `\\${String.fromCharCode(byte)}`;
    else if (byte < 32 || byte >= 127) out += `\\${byte.toString(8).padStart(3, '0')}`;
    else out += String.fromCharCode(byte);
  }
  return `${out}"`;
}
