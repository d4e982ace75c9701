/** A reader of plain git diffs for these tests, so that they do not hang on the mail parser. */
import type { FilePatch, Hunk, HunkLine, Patch, Series } from '../../../engine/patch/series.ts';

/** Reads diffs, one patch for each text. Input lines count on through all texts. */
export function seriesOf(...texts: readonly string[]): Series {
  let base = 0;
  const patches = texts.map((text) => {
    const patch = readPatch(text, base);
    base += text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    return patch;
  });
  return { patches };
}

/** The same hunks with another fidelity and, if `unnumbered`, with their line numbers lost. */
export function damaged(series: Series, fidelity: Hunk['fidelity'], unnumbered = false): Series {
  const hurt = (hunk: Hunk): Hunk => ({
    ...hunk,
    fidelity,
    ...(unnumbered ? { oldStart: null, newStart: null } : {}),
  });
  return {
    patches: series.patches.map((patch) => ({
      ...patch,
      files: patch.files.map((file) => ({ ...file, hunks: file.hunks.map(hurt) })),
    })),
  };
}

function readPatch(text: string, base: number): Patch {
  const files: FilePatch[] = [];
  let file: Record<string, unknown> & { hunks: Hunk[] } = newFile(1);
  let open = false;
  let hunk: (Omit<Hunk, 'lines'> & { lines: HunkLine[] }) | null = null;
  let olds = 0;
  let news = 0;
  const close = () => {
    if (open) files.push(file as unknown as FilePatch);
    open = false;
    hunk = null;
  };
  for (const [i, line] of text.split('\n').entries()) {
    const inputLine = base + i + 1;
    if (line.startsWith('\\') && hunk !== null) {
      const last = hunk.lines.at(-1)!;
      hunk.lines[hunk.lines.length - 1] = { ...last, noNewline: true };
      continue;
    }
    if (hunk !== null && (olds > 0 || news > 0)) {
      const kind = line[0] === '+' ? 'added' : line[0] === '-' ? 'removed' : 'context';
      if (kind !== 'added') olds--;
      if (kind !== 'removed') news--;
      hunk.lines.push({ kind, text: line.slice(1), inputLine, inputColumn: 1, noNewline: false });
      continue;
    }
    if (line.startsWith('diff --git ')) {
      close();
      const [, old, now] = /^diff --git a\/(\S+) b\/(\S+)$/.exec(line)!;
      file = { ...newFile(inputLine), oldPath: old!, newPath: now! };
      open = true;
    } else if (line.startsWith('rename ')) file.isRename = true;
    else if (line.startsWith('copy ')) file.isCopy = true;
    else if (line.startsWith('Binary ')) file.isBinary = true;
    else if (line.startsWith('new file')) file.oldPath = null;
    else if (line.startsWith('deleted file')) file.newPath = null;
    else if (line.startsWith('index ')) {
      const [, old, now] = /^index (\w+)\.\.(\w+)/.exec(line)!;
      file.oldBlob = old!;
      file.newBlob = now!;
    } else if (line.startsWith('--- ')) {
      if (!open) {
        file = newFile(inputLine);
        open = true;
      }
      file.oldPath = line === '--- /dev/null' ? null : line.slice(6);
    } else if (line.startsWith('+++ ')) {
      file.newPath = line === '+++ /dev/null' ? null : line.slice(6);
    } else if (line.startsWith('@@ ')) {
      const m = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/.exec(line)!;
      olds = Number(m[2] ?? 1);
      news = Number(m[4] ?? 1);
      hunk = {
        oldStart: Number(m[1]),
        oldCount: olds,
        newStart: Number(m[3]),
        newCount: news,
        section: m[5]!,
        lines: [],
        inputLine,
        fidelity: 'exact',
      };
      file.hunks.push(hunk);
    }
  }
  close();
  return {
    subject: null,
    author: null,
    number: null,
    total: null,
    messageId: null,
    commit: null,
    description: [],
    files,
    inputLine: base + 1,
  };
}

function newFile(inputLine: number): Record<string, unknown> & { hunks: Hunk[] } {
  return {
    oldPath: null,
    newPath: null,
    oldBlob: null,
    newBlob: null,
    oldMode: null,
    newMode: null,
    isRename: false,
    isCopy: false,
    isBinary: false,
    hunks: [],
    inputLine,
  };
}
