/** A series as text that a person can check against the input. */
import type { FilePatch, Hunk, Parsed, Patch, Series } from '../../../engine/patch/index.ts';

const MARKERS = { context: ' ', added: '+', removed: '-' } as const;

export function renderSeries({ value, problems }: Parsed<Series>): string {
  const out = value.patches.flatMap(renderPatch);
  if (value.patches.length === 0) out.push('no patch');
  out.push('', problems.length === 0 ? 'no problems' : 'problems:');
  for (const { line, message } of problems) out.push(`  ${line ?? '-'}: ${message}`);
  return `${out.join('\n')}\n`;
}

function renderPatch(patch: Patch): string[] {
  const number = patch.number === null ? '' : ` ${patch.number}/${patch.total}`;
  const out = [`patch${number}: ${patch.subject ?? '(no subject)'}`, `  input line ${patch.inputLine}`];
  if (patch.author !== null) out.push(`  author ${patch.author}`);
  if (patch.commit !== null) out.push(`  commit ${patch.commit}`);
  if (patch.messageId !== null) out.push(`  message id ${patch.messageId}`);
  for (const line of patch.description) out.push(`  | ${line}`.trimEnd());
  return [...out, ...patch.files.flatMap(renderFile)];
}

function renderFile(file: FilePatch): string[] {
  const traits = [
    file.oldPath === null ? 'new' : '',
    file.newPath === null ? 'deleted' : '',
    file.isRename ? `renamed from ${file.oldPath}` : '',
    file.isCopy ? `copied from ${file.oldPath}` : '',
    file.isBinary ? 'binary' : '',
    file.oldBlob === null ? '' : `blobs ${file.oldBlob}..${file.newBlob}`,
    file.oldMode === null && file.newMode === null
      ? ''
      : `mode ${file.oldMode ?? '-'} to ${file.newMode ?? '-'}`,
  ].filter((trait) => trait !== '');
  const head = `  file ${file.newPath ?? file.oldPath ?? '(unknown)'}, input line ${file.inputLine}`;
  return [[head, ...traits].join(', '), ...file.hunks.flatMap(renderHunk)];
}

function renderHunk(hunk: Hunk): string[] {
  const ranges = `-${hunk.oldStart ?? '?'},${hunk.oldCount} +${hunk.newStart ?? '?'},${hunk.newCount}`;
  const out = [`    ${hunk.inputLine}: hunk ${ranges}, ${hunk.fidelity}, "${hunk.section}"`];
  for (const line of hunk.lines) {
    const place = `${line.inputLine}:${line.inputColumn}`.padEnd(8);
    const text = line.text
      .replaceAll('\t', '→')
      .replaceAll('\r', '␍')
      .replace(/ +$/, (run) => '·'.repeat(run.length));
    out.push(`      ${place}${MARKERS[line.kind]}${text}${line.noNewline ? '⊣' : ''}`);
  }
  return out;
}
