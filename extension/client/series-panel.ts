import * as vscode from 'vscode';
import type { OutlineFinding, SeriesOutline } from '../server/messages.ts';
import { type FindingNode, type SeriesFilter, type SeriesNode, SeriesTree } from './series-view.ts';

/** The view of the series in front, and the commands that go through it. */
export interface SeriesPanel extends vscode.Disposable {
  readonly tree: SeriesTree;
  /** Fires when another outline is shown. */
  readonly onDidShow: vscode.Event<{ readonly uri: vscode.Uri; readonly outline: SeriesOutline } | null>;
  /** Asks again what the series holds. */
  refresh(): Promise<void>;
  chooseFilter(): Promise<void>;
  /** Opens the next finding (1) or the previous one (-1), and comes round at the ends. */
  go(step: 1 | -1): Promise<void>;
}

/** Languages of documents that hold patches. */
const PATCHES = new Set(['diff', 'patch', 'git-commit']);
/** Diagnostics come one file at a time: the outline is asked for when they have come to rest, in milliseconds. */
const REST = 150;
const FILTER = 'lockReview.seriesFilter';

export function createSeriesPanel(
  outlineOf: (uri: vscode.Uri) => Promise<SeriesOutline | null>,
  toLocation: (location: OutlineFinding['location']) => vscode.Location,
  memory: vscode.Memento,
): SeriesPanel {
  const tree = new SeriesTree(toLocation);
  const kept = memory.get<SeriesFilter>(FILTER);
  if (kept) tree.filter = kept;
  const view = vscode.window.createTreeView<SeriesNode>('lockReview.series', {
    treeDataProvider: tree,
    showCollapseAll: true,
  });
  const shown = new vscode.EventEmitter<{ uri: vscode.Uri; outline: SeriesOutline } | null>();
  let uri: vscode.Uri | null = null;
  let current: FindingNode | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Answers that were overtaken are dropped. */
  let asked = 0;

  const refresh = async () => {
    clearTimeout(timer);
    const mine = ++asked;
    const target = uri;
    const outline = target && (await outlineOf(target));
    if (mine !== asked) return;
    const next = target && outline ? { uri: target, outline } : null;
    tree.show(next);
    shown.fire(next);
    const errors = tree.findings().filter(({ finding }) => finding.status === 'introduced').length;
    view.badge =
      errors === 0 ? undefined : { value: errors, tooltip: vscode.l10n.t('{0} findings introduced', errors) };
    await vscode.commands.executeCommand('setContext', 'lockReview.hasSeries', next !== null);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(), REST);
  };
  const follow = (document: vscode.TextDocument | undefined) => {
    if (!document || !PATCHES.has(document.languageId)) return;
    if (document.uri.toString() === uri?.toString()) return;
    uri = document.uri;
    soon();
  };

  const subscriptions = [
    view,
    shown,
    vscode.window.onDidChangeActiveTextEditor((editor) => follow(editor?.document)),
    vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      if (uri && uris.some((one) => one.toString() === uri?.toString())) soon();
      else follow(vscode.window.activeTextEditor?.document);
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      if (document.uri.toString() !== uri?.toString()) return;
      uri = null;
      soon();
    }),
  ];
  follow(vscode.window.activeTextEditor?.document);

  return {
    tree,
    onDidShow: shown.event,
    refresh,
    async chooseFilter() {
      const items = [
        { key: 'introduced', label: vscode.l10n.t('Findings that the patch introduces') },
        { key: 'existing', label: vscode.l10n.t('Findings that were there before') },
        { key: 'fixed', label: vscode.l10n.t('Findings that the patch fixes') },
        { key: 'clean', label: vscode.l10n.t('Functions without findings') },
      ] as const;
      const chosen = await vscode.window.showQuickPick(
        items.map((item) => ({ ...item, picked: tree.filter[item.key] })),
        { canPickMany: true, title: vscode.l10n.t('Show in the Series') },
      );
      if (!chosen) return;
      const has = (key: keyof SeriesFilter) => chosen.some((item) => item.key === key);
      tree.filter = {
        introduced: has('introduced'),
        existing: has('existing'),
        fixed: has('fixed'),
        clean: has('clean'),
      };
      await memory.update(FILTER, tree.filter);
    },
    async go(step) {
      const all = tree.findings();
      if (all.length === 0) return;
      // The tree may have been made anew since; one mistake may be in several files.
      const key = ({ finding, place }: FindingNode) =>
        `${finding.rule} ${finding.fingerprint} ${place.uri} ${place.range.start.line}:${place.range.start.character}`;
      const at = current === null ? -1 : all.findIndex((node) => key(node) === key(current!));
      const from = at < 0 && step < 0 ? 0 : at;
      const next = all[(from + step + all.length) % all.length]!;
      current = next;
      // Not as a preview: that would take the place of the series, which is one often, and close it.
      const selection = next.place.range;
      await vscode.window.showTextDocument(next.place.uri, { selection, preview: false });
      if (view.visible) await view.reveal(next, { select: true, focus: false });
    },
    dispose() {
      clearTimeout(timer);
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}
