/** What `npm run lint:patches` runs inside VS Code: the installed extension over files, its findings as data. */
import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { NOT_CHECKED, SOURCE } from '../../extension/server/diagnostics.ts';
import { closeAll, extensionApi, open, ruleOf } from './editor.ts';

const LEVELS = ['error', 'warning', 'note', 'note'] as const;

interface Linted {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly level: string;
  readonly rule: string;
  readonly message: string;
}

/** VS Code's entry. Writes `{ findings, problems }` to LOCK_REVIEW_RESULT. */
export async function run(): Promise<void> {
  const { LOCK_REVIEW_RESULT: result = '', LOCK_REVIEW_FILES: files = '[]' } = process.env;
  await extensionApi();
  const found = new Map<string, Linted>();
  const problems: string[] = [];
  for (const file of JSON.parse(files) as string[]) {
    await open(vscode.Uri.file(file));
    // The answer comes when the diagnostics of this version are out.
    await vscode.commands.executeCommand('lockReview.reviewFile');
    for (const [uri, diagnostics] of vscode.languages.getDiagnostics()) {
      for (const diagnostic of diagnostics.filter(({ source }) => source === SOURCE)) {
        const rule = ruleOf(diagnostic);
        if (rule !== NOT_CHECKED) {
          const one = linted(uri, rule, diagnostic);
          found.set(JSON.stringify(one), one);
        } else if (diagnostic.severity === vscode.DiagnosticSeverity.Information)
          problems.push(`${uri.fsPath}: ${diagnostic.message}`);
      }
    }
    await closeAll();
  }
  const findings = [...found.values()].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
  writeFileSync(result, JSON.stringify({ findings, problems }));
}

function linted(uri: vscode.Uri, rule: string, { range, severity, message }: vscode.Diagnostic): Linted {
  return {
    file: uri.fsPath,
    line: range.start.line + 1,
    column: range.start.character + 1,
    level: LEVELS[severity] ?? 'note',
    rule,
    message: message.split('\n')[0] ?? '',
  };
}
