import type { InlayHint } from 'vscode-languageserver';
import type { HeldLock } from '../../engine/check/index.ts';
import type { InspectedFunction } from '../../engine/review/index.ts';

/** A hint at the end of each line behind which other locks are held than before it. Lines are 0-based. */
export function hintsOf(
  functions: readonly InspectedFunction[],
  documentLines: readonly string[],
  range: { readonly from: number; readonly to: number },
): InlayHint[] {
  const hints: InlayHint[] = [];
  for (const { lines } of functions) {
    for (const { shownAt, held, text, config } of lines) {
      const line = shownAt - 1;
      if (line < range.from || line > range.to) continue;
      hints.push({
        position: { line, character: documentLines[line]?.length ?? 0 },
        label: `holds ${text}`,
        paddingLeft: true,
        tooltip: { kind: 'markdown', value: tooltip(held, config) },
      });
    }
  }
  return hints;
}

const MODES = { R: 'for reading', W: 'for writing', D: 'downgraded to reading' } as const;

function tooltip(held: readonly HeldLock[], config: string): string {
  const lines = held.map(({ name, mode, depth, onSome, byCaller }) => {
    const parts = [
      mode === null ? '' : MODES[mode],
      depth > 1 ? `${depth} times` : '',
      byCaller ? 'taken by the caller' : '',
      onSome ? 'on some of the paths that come here' : '',
    ].filter((part) => part !== '');
    return `- \`${name}\`${parts.length > 0 ? ` ${parts.join(', ')}` : ''}`;
  });
  const head = held.length === 0 ? 'No lock is held behind this line.' : 'Held behind this line:';
  const only = config === '' ? '' : ` With ${config}:`;
  return [head + only, '', ...lines].join('\n').trim();
}
