import type { CancellationToken, Connection, TextEdit } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { OutlinedFunction, ReviewFinding } from '../../engine/review/index.ts';
import { textEdits } from './actions.ts';
import { configText, type DiagnosticContext, placeOf } from './diagnostics.ts';
import {
  type DocumentParams,
  FUNCTION_TEXTS,
  type FunctionParams,
  type FunctionTexts,
  OUTLINE,
  type OutlineFinding,
  type OutlineFunction,
  type RangePatches,
  REPLY,
  type ReplyParams,
  type SeriesOutline,
  SUPPRESS,
  type SuppressParams,
  WORKING_TREE,
} from './messages.ts';
import type { Session } from './session.ts';
import { withSignal } from './with-signal.ts';

/** Answers what views of a whole series ask: requests of our own, for which the protocol has no words. */
export function registerSeriesRequests(
  connection: Connection,
  session: Session,
  document: (uri: string) => TextDocument | undefined,
): void {
  connection.onRequest(OUTLINE, ({ uri }: DocumentParams, token: CancellationToken) =>
    withSignal(token, async (signal): Promise<SeriesOutline | null> => {
      const reviewed = await session.reviewed(uri);
      const outline = await session.ask(uri, 'judged', { kind: 'outline' }, signal);
      if (!reviewed || !outline) return null;
      const functions = (list: readonly OutlinedFunction[]) =>
        list.map((one) => outlineFunction(one, reviewed.context));
      return {
        patches: outline.patches.map((patch) => ({
          ...patch,
          line: patch.line - 1,
          functions: functions(patch.functions),
        })),
        elsewhere: functions(outline.elsewhere),
      };
    }),
  );

  connection.onRequest(REPLY, ({ uri, fingerprint }: ReplyParams, token: CancellationToken) =>
    withSignal(token, async (signal): Promise<string> => {
      return (await session.ask(uri, 'judged', { kind: 'reply', fingerprint }, signal)) ?? '';
    }),
  );

  connection.onRequest(FUNCTION_TEXTS, (params: FunctionParams, token: CancellationToken) =>
    withSignal(token, async (signal): Promise<FunctionTexts> => {
      const { uri, file, function: name } = params;
      const texts = await session.ask(uri, 'judged', { kind: 'function', file, name }, signal);
      return texts ?? { before: null, after: null };
    }),
  );

  connection.onRequest(SUPPRESS, (params: SuppressParams, token: CancellationToken) =>
    withSignal(token, async (signal): Promise<TextEdit[] | null> => {
      const { uri, fingerprint, reason } = params;
      const suppress = { kind: 'suppression', fingerprint, reason } as const;
      const fix = await session.ask(uri, 'judged', suppress, signal);
      const lines = (document(uri)?.getText() ?? '').split(/\r\n|\n|\r/);
      return fix && textEdits(fix.edits, lines);
    }),
  );

  connection.onRequest<RangePatches, void>(WORKING_TREE, () => session.workingTree());
}

function outlineFunction(
  { name, file, line, findings }: OutlinedFunction,
  context: DiagnosticContext,
): OutlineFunction {
  return {
    name,
    file,
    line: line === null ? null : line - 1,
    findings: findings.map((finding) => outlineFinding(finding, context)),
  };
}

function outlineFinding(finding: ReviewFinding, context: DiagnosticContext): OutlineFinding {
  const { fingerprint, rule, level, status, message, why, advice } = finding;
  return {
    fingerprint,
    rule,
    level,
    status,
    message,
    details: [why, advice].filter((line) => line !== '').join('\n'),
    config: configText(finding),
    location: placeOf(finding, context),
  };
}
