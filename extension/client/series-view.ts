import * as vscode from 'vscode';
import type { OutlineFinding, OutlineFunction, SeriesOutline } from '../server/messages.ts';
import { countsText, LEVEL_ICONS, STATUS_WORDS } from './finding-words.ts';

/** What is listed: findings by their state, and functions in which nothing was found. */
export interface SeriesFilter {
  readonly introduced: boolean;
  readonly existing: boolean;
  readonly fixed: boolean;
  readonly clean: boolean;
}

export const DEFAULT_FILTER: SeriesFilter = { introduced: true, existing: false, fixed: true, clean: true };

export type SeriesNode =
  | {
      readonly kind: 'patch';
      readonly label: string;
      readonly line: number | null;
      readonly functions: readonly FunctionNode[];
    }
  | FunctionNode
  | FindingNode;

export interface FunctionNode {
  readonly kind: 'function';
  readonly uri: vscode.Uri;
  readonly parent: SeriesNode;
  readonly function: OutlineFunction;
  readonly findings: readonly FindingNode[];
}

export interface FindingNode {
  readonly kind: 'finding';
  readonly uri: vscode.Uri;
  readonly parent: FunctionNode;
  readonly finding: OutlineFinding;
  readonly place: vscode.Location;
}

/** A series as a tree: patches, the functions that each changes, and their findings. */
export class SeriesTree implements vscode.TreeDataProvider<SeriesNode> {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #toLocation: (location: OutlineFinding['location']) => vscode.Location;
  #roots: readonly SeriesNode[] = [];
  #shown: { readonly uri: vscode.Uri; readonly outline: SeriesOutline } | null = null;
  #filter = DEFAULT_FILTER;

  constructor(toLocation: (location: OutlineFinding['location']) => vscode.Location) {
    this.#toLocation = toLocation;
  }

  /** Shows another series, or none. */
  show(shown: { readonly uri: vscode.Uri; readonly outline: SeriesOutline } | null): void {
    this.#shown = shown;
    this.#rebuild();
  }

  get filter(): SeriesFilter {
    return this.#filter;
  }

  set filter(filter: SeriesFilter) {
    this.#filter = filter;
    this.#rebuild();
  }

  /** Every finding that is listed, in the order of the tree. */
  findings(): readonly FindingNode[] {
    return this.#roots
      .flatMap((root) => (root.kind === 'patch' ? root.functions : []))
      .flatMap((one) => one.findings);
  }

  getChildren(node?: SeriesNode): SeriesNode[] {
    if (node === undefined) return [...this.#roots];
    if (node.kind === 'patch') return [...node.functions];
    return node.kind === 'function' ? [...node.findings] : [];
  }

  getParent(node: SeriesNode): SeriesNode | undefined {
    return node.kind === 'patch' ? undefined : node.parent;
  }

  getTreeItem(node: SeriesNode): vscode.TreeItem {
    if (node.kind === 'patch') return this.#patchItem(node);
    return node.kind === 'function' ? functionItem(node) : findingItem(node);
  }

  #patchItem(node: Extract<SeriesNode, { kind: 'patch' }>): vscode.TreeItem {
    const item = new vscode.TreeItem(node.label, stateOf(node.functions));
    item.iconPath = new vscode.ThemeIcon(node.line === null ? 'references' : 'git-commit');
    item.description = countsText(
      node.functions.flatMap((one) => one.findings.map(({ finding }) => finding)),
    );
    item.contextValue = 'patch';
    if (this.#shown && node.line !== null) item.command = openCommand(this.#shown.uri, node.line);
    return item;
  }

  #rebuild(): void {
    const { outline, uri } = this.#shown ?? {
      outline: { patches: [], elsewhere: [] },
      uri: vscode.Uri.parse(''),
    };
    const roots = outline.patches.map(({ title, number, total, line, functions }) => {
      const label = number === null ? title : `${number}/${total ?? number} ${title}`;
      return this.#patchNode(uri, label, line, functions);
    });
    const outside = this.#patchNode(uri, vscode.l10n.t('Outside the patch'), null, outline.elsewhere);
    this.#roots = outside.functions.length > 0 ? [...roots, outside] : roots;
    this.#changed.fire();
  }

  #patchNode(
    uri: vscode.Uri,
    label: string,
    line: number | null,
    functions: readonly OutlineFunction[],
  ): Extract<SeriesNode, { kind: 'patch' }> {
    const children: FunctionNode[] = [];
    const node: Extract<SeriesNode, { kind: 'patch' }> = { kind: 'patch', label, line, functions: children };
    for (const one of functions) {
      const findings: FindingNode[] = [];
      const child: FunctionNode = { kind: 'function', uri, parent: node, function: one, findings };
      for (const finding of one.findings)
        if (this.#filter[finding.status])
          findings.push({
            kind: 'finding',
            uri,
            parent: child,
            finding,
            place: this.#toLocation(finding.location),
          });
      // Outside the patch a function is there for its findings only.
      if (findings.length > 0 || (this.#filter.clean && one.findings.length === 0)) children.push(child);
    }
    return node;
  }
}

function functionItem({ uri, function: one, findings }: FunctionNode): vscode.TreeItem {
  const label = one.name === '' ? one.file : `${one.name}()`;
  const state =
    findings.length > 0 ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None;
  const item = new vscode.TreeItem(label, state);
  item.iconPath = new vscode.ThemeIcon(one.name === '' ? 'symbol-file' : 'symbol-method');
  const counts = countsText(findings.map(({ finding }) => finding));
  item.description = one.name === '' ? counts : [one.file, counts].filter((text) => text !== '').join(' · ');
  item.tooltip = one.file;
  item.contextValue = one.name === '' ? 'file' : 'function';
  const [first] = findings;
  if (one.line !== null) item.command = openCommand(uri, one.line);
  else if (first) item.command = openCommand(first.place.uri, first.place.range.start.line);
  return item;
}

function findingItem({ finding, place }: FindingNode): vscode.TreeItem {
  const { level, status, message, rule, config, details } = finding;
  const item = new vscode.TreeItem(message, vscode.TreeItemCollapsibleState.None);
  const [icon, color] = status === 'fixed' ? (['pass', 'testing.iconPassed'] as const) : LEVEL_ICONS[level];
  item.iconPath = new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
  item.description = [rule, status === 'introduced' ? '' : STATUS_WORDS[status](), config]
    .filter((text) => text !== '')
    .join(' · ');
  item.tooltip = [message, details].join('\n\n');
  item.contextValue = `finding.${status}`;
  item.accessibilityInformation = { label: `${level}: ${message}, ${STATUS_WORDS[status]()}` };
  item.command = openCommand(place.uri, place.range.start.line, place.range);
  return item;
}

/** A patch in which nothing was found stays closed. */
function stateOf(functions: readonly FunctionNode[]): vscode.TreeItemCollapsibleState {
  if (functions.length === 0) return vscode.TreeItemCollapsibleState.None;
  return functions.some((one) => one.findings.length > 0)
    ? vscode.TreeItemCollapsibleState.Expanded
    : vscode.TreeItemCollapsibleState.Collapsed;
}

function openCommand(uri: vscode.Uri, line: number, range?: vscode.Range): vscode.Command {
  const selection = range ?? new vscode.Range(line, 0, line, 0);
  return {
    title: '',
    command: 'vscode.open',
    arguments: [uri, { selection, preserveFocus: true, preview: false }],
  };
}
