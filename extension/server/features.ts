import type { CodeAction, Connection, Hover, ServerCapabilities } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { actionsFor, fingerprintOf } from './actions.ts';
import { shownFindings } from './diagnostics.ts';
import { hintsOf } from './hints.ts';
import { hoverText } from './hover-text.ts';
import { lensesOf } from './lenses.ts';
import type { Commands } from './messages.ts';
import type { Session } from './session.ts';
import { withSignal } from './with-signal.ts';

/** What an editor is offered beside diagnostics, in the Language Server Protocol's own terms. */
export const FEATURES: ServerCapabilities = {
  codeLensProvider: { resolveProvider: false },
  inlayHintProvider: true,
  hoverProvider: true,
  codeActionProvider: { codeActionKinds: ['quickfix'] },
};

/** Registers them. Each question is dropped when the editor cancels it or the document changes. */
export function registerFeatures(
  connection: Connection,
  session: Session,
  document: (uri: string) => TextDocument | undefined,
  commands: () => Commands | null,
): void {
  connection.onCodeLens(({ textDocument: { uri } }, token) =>
    withSignal(token, async (signal) => {
      if (!session.settings().codeLens) return [];
      // The findings first: where they are not known yet, the lenses would say that there are none.
      const reviewed = await session.reviewed(uri);
      const functions = await session.ask(uri, 'judged', { kind: 'inspect', lines: null }, signal);
      const findings = reviewed ? shownFindings(reviewed.review, reviewed.context) : [];
      return lensesOf(uri, functions ?? [], findings, commands());
    }),
  );

  connection.languages.inlayHint.on(({ textDocument: { uri }, range }, token) =>
    withSignal(token, async (signal) => {
      if (!session.settings().inlayHints) return [];
      const { start, end } = range;
      const lines = { from: start.line + 1, to: end.line + 1 };
      const functions = await session.ask(uri, 'shown', { kind: 'inspect', lines }, signal);
      const text = document(uri)?.getText() ?? '';
      return hintsOf(functions ?? [], text.split(/\r\n|\n|\r/), { from: start.line, to: end.line });
    }),
  );

  connection.onCodeAction(({ textDocument: { uri }, context }, token) =>
    withSignal(token, async (signal) => {
      if (context.only && !context.only.some((kind) => 'quickfix'.startsWith(kind))) return [];
      const lines = (document(uri)?.getText() ?? '').split(/\r\n|\n|\r/);
      const actions: CodeAction[] = [];
      for (const diagnostic of context.diagnostics) {
        const fingerprint = fingerprintOf(diagnostic);
        if (fingerprint === null) continue;
        const fixes = await session.ask(uri, 'judged', { kind: 'fixes', fingerprint }, signal);
        const suppress = { kind: 'suppression', fingerprint, reason: '' } as const;
        const suppression = await session.ask(uri, 'judged', suppress, signal);
        actions.push(...actionsFor(uri, lines, diagnostic, fixes ?? [], suppression, commands()));
      }
      return actions;
    }),
  );

  connection.onHover(({ textDocument: { uri }, position }, token) =>
    withSignal(token, async (signal): Promise<Hover | null> => {
      if (!session.settings().hovers) return null;
      const place = { kind: 'explain', line: position.line + 1, column: position.character } as const;
      const explained = await session.ask(uri, 'shown', place, signal);
      if (!explained) return null;
      return { contents: { kind: 'markdown', value: hoverText(explained, session.fileUri) } };
    }),
  );
}
