import * as vscode from 'vscode';
import type { OutlineFinding } from '../server/messages.ts';

/** The icon of each level, and its colour in the theme. */
export const LEVEL_ICONS = {
  error: ['error', 'list.errorForeground'],
  warning: ['warning', 'list.warningForeground'],
  note: ['info', 'notificationsInfoIcon.foreground'],
} as const;

export const STATUS_WORDS = {
  introduced: () => vscode.l10n.t('introduced'),
  existing: () => vscode.l10n.t('was there before'),
  fixed: () => vscode.l10n.t('fixed'),
} as const;

/** `2 errors, 1 warning, 1 fixed`; empty for none. */
export function countsText(findings: readonly OutlineFinding[]): string {
  const count = (wanted: (finding: OutlineFinding) => boolean) => findings.filter(wanted).length;
  const level = (name: OutlineFinding['level']) =>
    count((finding) => finding.status !== 'fixed' && finding.level === name);
  const [errors, warnings, notes] = [level('error'), level('warning'), level('note')];
  const fixed = count((finding) => finding.status === 'fixed');
  return [
    errors > 0 ? (errors === 1 ? vscode.l10n.t('1 error') : vscode.l10n.t('{0} errors', errors)) : '',
    warnings > 0
      ? warnings === 1
        ? vscode.l10n.t('1 warning')
        : vscode.l10n.t('{0} warnings', warnings)
      : '',
    notes > 0 ? (notes === 1 ? vscode.l10n.t('1 note') : vscode.l10n.t('{0} notes', notes)) : '',
    fixed > 0 ? vscode.l10n.t('{0} fixed', fixed) : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}
