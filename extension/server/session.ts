import type { Diagnostic } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Review } from '../../engine/review/review.ts';
import { looksLikeRange } from '../cli/looks-like-range.ts';
import { changesAsPatch } from './changes-as-patch.ts';
import { documentKind } from './detect.ts';
import { failureDiagnostic, reviewDiagnostics } from './diagnostics.ts';
import type { FoundTree } from './find-tree.ts';
import type { RangePatches, StatusParams } from './messages.ts';
import { createPublisher } from './publisher.ts';
import type { Reviewer, ReviewRequest } from './reviewer.ts';
import { createScheduler } from './scheduler.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import type { Workplace } from './workplace.ts';

/** The editor, as the session sees it. */
export interface Editor {
  document(uri: string): TextDocument | undefined;
  documents(): readonly TextDocument[];
  publish(uri: string, diagnostics: readonly Diagnostic[], version: number | undefined): void;
  status(params: StatusParams): void;
  log(level: 'error' | 'warn' | 'info' | 'debug', message: string): void;
}

export interface SessionOptions {
  readonly reviewer: Reviewer;
  readonly workplace: Workplace;
  /** The page that explains a rule, as a URI, or null. */
  readonly ruleUri: (rule: string) => string | null;
}

/** One editor's documents and what is known about them. */
export interface Session {
  /** A document was opened or edited: it is analysed after the wait. */
  changed(uri: string): void;
  /** Analyses now; resolves when the diagnostics are out. */
  reviewNow(uri: string): Promise<void>;
  /** A document was saved: patches that apply to it are looked at again. */
  saved(uri: string): void;
  closed(uri: string): void;
  /** The commits of a range of the workspace's tree; never for a workspace that is not trusted. */
  rangePatches(range: string): Promise<RangePatches>;
  /** Settings, folders, trust or the tree's commit are new: everything is looked at again. */
  configure(change: Partial<Workspace>): void;
  dispose(): Promise<void>;
}

export interface Workspace {
  readonly settings: Settings;
  /** The places of the workspace's folders. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
}

/** Longest document that is analysed, in UTF-16 units. */
const LONGEST_DOCUMENT = 32 << 20;

export function createSession(editor: Editor, options: SessionOptions): Session {
  const { reviewer, workplace, ruleUri } = options;
  const scheduler = createScheduler();
  const publisher = createPublisher(editor.publish);
  let workspace: Workspace = { settings: DEFAULT_SETTINGS, folders: [], trusted: true };
  let running = 0;
  let tree: FoundTree = { root: null, reason: 'Nothing has been reviewed yet.' };

  const kindOf = (document: TextDocument) =>
    documentKind(document.uri, document.languageId, () => document.getText());
  const tellStatus = () => editor.status({ tree: tree.root, reason: tree.reason, running });

  const analyse = async (uri: string, signal: AbortSignal): Promise<void> => {
    const document = editor.document(uri);
    if (!document) return;
    const { version } = document;
    const outdated = () => signal.aborted || editor.document(uri)?.version !== version;
    running++;
    tellStatus();
    try {
      const diagnostics = await diagnosticsOf(document, signal);
      if (!outdated()) publisher.replace(uri, diagnostics, version);
    } catch (error) {
      if (outdated()) return;
      const message = error instanceof Error ? error.message : String(error);
      editor.log('error', `${uri}: the analysis failed: ${error instanceof Error ? error.stack : message}`);
      publisher.replace(uri, new Map([[uri, [failureDiagnostic(message)]]]), version);
    } finally {
      running--;
      tellStatus();
    }
  };

  const findTreeFor = (file: string | null) =>
    workplace.findTree({
      setting: workspace.settings.tree,
      folders: workspace.folders,
      documentFolder: file === null ? null : workplace.folderOf(file),
    });

  const rangePatches = async (given: string): Promise<RangePatches> => {
    const refuse = (problem: string) => ({ text: null, problem });
    if (!workspace.trusted) return refuse('Git is not started in Restricted Mode.');
    const { root, reason } = await findTreeFor(null);
    if (root === null) return refuse(reason);
    const range = given.includes('..') ? given : `${given}~1..${given}`;
    if (!looksLikeRange(range)) return refuse(`${given} is no range of commits such as v7.1..HEAD.`);
    const { text, problem } = await workplace.readRange(root, range);
    return text === null ? refuse(`${range} ${problem}.`) : { text, problem: null };
  };

  const diagnosticsOf = async (
    document: TextDocument,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly Diagnostic[]>> => {
    const text = document.getText();
    if (text.length > LONGEST_DOCUMENT)
      throw new Error(`it is longer than ${LONGEST_DOCUMENT >> 20} million characters`);
    const file = workplace.placeOf(document.uri);
    const found = await findTreeFor(file);
    tree = found;
    tellStatus();
    const { root } = found;
    const isPatch = kindOf(document) === 'patch';
    const request = isPatch ? patchRequest(document.uri, text, root) : await fileRequest(file, text, root);
    if (request === null) return new Map([[document.uri, []]]);
    const review = await reviewer.review(request, signal);
    logReview(document.uri, review);
    return reviewDiagnostics(review, {
      documentUri: document.uri,
      documentLines: text.split(/\r\n|\n|\r/),
      inputIsDocument: isPatch,
      fileUri: (name) => (root === null ? null : uriInTree(root, name)),
      ruleUri,
      // A check of all of an open file has nothing that came before it.
      showExisting: workspace.settings.showExisting || request.subject.kind === 'files',
    });
  };

  /** What a report calls the document. */
  const inputName = (uri: string): string => {
    const file = workplace.placeOf(uri);
    return file === null ? uri : workplace.nameOf(file);
  };

  const common = (root: string | null) => ({
    tree: root,
    mayExecute: workspace.trusted,
    all: workspace.settings.showExisting,
    config: workspace.settings.config,
    rules: workspace.settings.rules,
  });

  const patchRequest = (uri: string, text: string, root: string | null): ReviewRequest => ({
    ...common(root),
    subject: { kind: 'patches', inputs: [{ name: inputName(uri), text }] },
    overlay: {},
  });

  /** Null where nothing of this file is to be checked. */
  const fileRequest = async (
    file: string | null,
    text: string,
    root: string | null,
  ): Promise<ReviewRequest | null> => {
    const mode = workspace.settings.checkOpenFiles;
    const inTree = file === null || root === null ? null : workplace.pathInTree(root, file);
    if (mode === 'off' || file === null || root === null || inTree === null) return null;
    const overlay = { ...unsavedTexts(root), [inTree]: text };
    if (mode === 'all') return { ...common(root), subject: { kind: 'files', paths: [inTree] }, overlay };
    const before = workspace.trusted ? await workplace.headText(file) : null;
    const patch = before === null ? null : changesAsPatch(inTree, before, text);
    if (patch === null) return null;
    return {
      ...common(root),
      subject: { kind: 'patches', inputs: [{ name: inTree, text: patch }] },
      overlay: { ...overlay, [inTree]: before === '' ? null : before },
    };
  };

  /** What is open in the editor stands for what is on disk. */
  const unsavedTexts = (root: string): Record<string, string> => {
    const texts: Record<string, string> = {};
    for (const document of editor.documents()) {
      const file = workplace.placeOf(document.uri);
      const inTree = file === null ? null : workplace.pathInTree(root, file);
      if (inTree !== null && kindOf(document) === 'c') texts[inTree] = document.getText();
    }
    return texts;
  };

  /** The document's own URI where the file is open: editors spell the same file in more than one way. */
  const uriInTree = (root: string, file: string): string | null => {
    const place = workplace.placeInTree(root, file);
    if (place === null) return null;
    const open = editor.documents().find((document) => workplace.placeOf(document.uri) === place);
    return open?.uri ?? workplace.uriOf(place);
  };

  const logReview = (uri: string, review: Review) => {
    const { files, functions, paths, configs, milliseconds } = review.stats;
    editor.log(
      'info',
      `${uri}: ${review.findings.length} findings; ${files} files, ${functions} functions, ${paths} paths, ${configs} configurations, ${Math.round(milliseconds)} ms`,
    );
    for (const note of review.notes) {
      const where = note.file === null ? '' : `${note.file}${note.line === null ? '' : `:${note.line}`}: `;
      editor.log('debug', `${uri}: ${where}${note.message}`);
    }
  };

  const changed = (uri: string) => {
    const document = editor.document(uri);
    if (!document) return;
    if (kindOf(document) === 'none') forget(uri);
    else void scheduler.schedule(uri, (signal) => analyse(uri, signal));
  };
  const forget = (uri: string) => {
    scheduler.cancel(uri);
    publisher.clear(uri);
  };

  return {
    changed,
    reviewNow: (uri) => scheduler.schedule(uri, (signal) => analyse(uri, signal), true),
    saved(uri) {
      const document = editor.document(uri);
      if (!document || kindOf(document) !== 'c') return;
      for (const other of editor.documents()) if (kindOf(other) === 'patch') changed(other.uri);
    },
    closed: forget,
    rangePatches,
    configure(change) {
      workspace = { ...workspace, ...change };
      for (const document of editor.documents()) changed(document.uri);
    },
    async dispose() {
      scheduler.cancelAll();
      await reviewer.dispose();
    },
  };
}
