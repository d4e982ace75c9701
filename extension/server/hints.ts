import type { InlayHint } from 'vscode-languageserver';
import type { HeldLock } from '../../engine/check/index.ts';
import type { InspectedFunction } from '../../engine/review/index.ts';
import { say } from './texts.ts';

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
        label: say('holds {0}', text),
        paddingLeft: true,
        tooltip: { kind: 'markdown', value: tooltip(held, config) },
      });
    }
  }
  return hints;
}

function modeText(mode: 'R' | 'W' | 'D'): string {
  switch (mode) {
    case 'R':
      return say('for reading');
    case 'W':
      return say('for writing');
    case 'D':
      return say('downgraded to reading');
  }
}

function tooltip(held: readonly HeldLock[], config: string): string {
  const lines = held.map(({ name, mode, depth, onSome, byCaller }) => {
    const parts = [
      mode === null ? '' : modeText(mode),
      depth > 1 ? say('{0} times', depth) : '',
      byCaller ? say('taken by the caller') : '',
      onSome ? say('on some of the paths that come here') : '',
    ].filter((part) => part !== '');
    return `- \`${name}\`${parts.length > 0 ? ` ${parts.join(', ')}` : ''}`;
  });
  const head = held.length === 0 ? say('No lock is held behind this line.') : say('Held behind this line:');
  const only = config === '' ? '' : ` ${say('With {0}:', config)}`;
  return [head + only, '', ...lines].join('\n').trim();
}
