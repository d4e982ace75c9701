import { type CodeAction, CodeActionKind, type Diagnostic, type TextEdit } from 'vscode-languageserver';
import type { DocumentEdit } from '../../engine/review/index.ts';
import { type DiagnosticData, NOT_CHECKED, SOURCE } from './diagnostics.ts';
import type { Commands } from './messages.ts';
import type { Fix } from './questions.ts';
import { say } from './texts.ts';

/** The finding that a diagnostic is about; null for another's diagnostic, and for what is no finding. */
export function fingerprintOf({ source, code, data }: Diagnostic): string | null {
  if (source !== SOURCE || code === NOT_CHECKED) return null;
  const print = (data as Partial<DiagnosticData> | undefined)?.fingerprint;
  return typeof print === 'string' ? print : null;
}

/**
 * What can be done about one finding: the edits that put it right, saying in the source why it is none, and
 * writing about it.
 * @param suppression null where the document does not show its line
 */
export function actionsFor(
  uri: string,
  documentLines: readonly string[],
  diagnostic: Diagnostic,
  fixes: readonly Fix[],
  suppression: Fix | null,
  commands: Commands | null,
): CodeAction[] {
  const actions: CodeAction[] = fixes.map((fix) => ({
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    // Of several that are all clean none is the one.
    ...(fixes.length === 1 ? { isPreferred: true } : {}),
    edit: { changes: { [uri]: textEdits(fix.edits, documentLines) } },
  }));
  const target = { uri, fingerprint: fingerprintOf(diagnostic) };
  const rule = String(diagnostic.code);
  if (suppression !== null)
    actions.push({
      title: commands ? say('Suppress {0} here, with a reason', rule) : say('Suppress {0} here', rule),
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      ...(commands
        ? {
            command: {
              title: say('Suppress {0} here', rule),
              command: commands.suppressFinding,
              arguments: [target],
            },
          }
        : { edit: { changes: { [uri]: textEdits(suppression.edits, documentLines) } } }),
    });
  if (commands)
    actions.push({
      title: say('Copy as review reply'),
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      command: { title: say('Copy as review reply'), command: commands.copyReply, arguments: [target] },
    });
  return actions;
}

/** Edits of whole lines as the protocol has them. */
export function textEdits(edits: readonly DocumentEdit[], documentLines: readonly string[]): TextEdit[] {
  return edits.map(({ from, to, lines }): TextEdit => {
    const text = lines.map((line) => `${line}\n`).join('');
    const start = { line: from - 1, character: 0 };
    // The last line of a document has no line behind it to end at.
    if (to >= documentLines.length) {
      const end = { line: to - 1, character: documentLines[to - 1]?.length ?? 0 };
      return { range: { start, end }, newText: text.replace(/\n$/, '') };
    }
    return { range: { start, end: { line: to, character: 0 } }, newText: text };
  });
}
