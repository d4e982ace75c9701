import type { Diagnostic } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Review } from '../../engine/review/review.ts';
import { looksLikeRange } from '../cli/looks-like-range.ts';
import { type DiagnosticContext, failureDiagnostic, reviewDiagnostics } from './diagnostics.ts';
import type { FoundTree } from './find-tree.ts';
import type { RangePatches, StatusParams } from './messages.ts';
import { createPublisher } from './publisher.ts';
import type { AnswerTo, Question } from './questions.ts';
import { createRequests, type Subject, type Workspace } from './requests.ts';
import type { Reviewer } from './reviewer.ts';
import { createScheduler } from './scheduler.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { say } from './texts.ts';
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
  /** The last review of a document as it is now, once it is there; null where nothing of it is judged. */
  reviewed(uri: string): Promise<Reviewed | null>;
  /**
   * Asks the engine about what a document shows, or about what of it is judged. Null for a document that is not
   * looked at. Rejects when the engine fails or `signal` is aborted.
   */
  ask<Q extends Question>(
    uri: string,
    about: 'shown' | 'judged',
    question: Q,
    signal: AbortSignal,
  ): Promise<AnswerTo<Q> | null>;
  settings(): Settings;
  /** The URI of a file of the tree in use, or null. */
  fileUri(path: string): string | null;
  /** The commits of a range of the workspace's tree; never for a workspace that is not trusted. */
  rangePatches(range: string): Promise<RangePatches>;
  /** What of the workspace's tree is not committed yet; never for a workspace that is not trusted. */
  workingTree(): Promise<RangePatches>;
  /** Settings, folders, trust or the tree's commit are new: everything is looked at again. */
  configure(change: Partial<Workspace>): void;
  dispose(): Promise<void>;
}

/** A review with what it takes to show it. */
export interface Reviewed {
  readonly review: Review;
  readonly context: DiagnosticContext;
}

/** Longest document that is analysed, in UTF-16 units. */
const LONGEST_DOCUMENT = 32 << 20;

export function createSession(editor: Editor, options: SessionOptions): Session {
  const { reviewer, workplace, ruleUri } = options;
  const scheduler = createScheduler();
  const publisher = createPublisher(editor.publish);
  let workspace: Workspace = { settings: DEFAULT_SETTINGS, folders: [], trusted: true };
  let running = 0;
  let generation = 0;
  let tree: FoundTree | null = null;
  const requests = createRequests(
    workplace,
    () => workspace,
    () => editor.documents(),
    () => generation,
  );
  const { kindOf } = requests;
  /** By document: the analysis that is under way or was the last, and what came of it. */
  const analyses = new Map<string, { done: Promise<void>; result: Reviewed | null }>();

  const tellStatus = () =>
    editor.status({
      tree: tree?.root ?? null,
      reason: tree?.reason ?? say('Nothing has been reviewed yet.'),
      running,
    });

  const analyse = async (uri: string, signal: AbortSignal): Promise<void> => {
    const document = editor.document(uri);
    if (!document) return;
    const { version } = document;
    const outdated = () => signal.aborted || editor.document(uri)?.version !== version;
    running++;
    tellStatus();
    try {
      const reviewed = await reviewOf(document, signal);
      if (outdated()) return;
      const analysis = analyses.get(uri);
      if (analysis) analysis.result = reviewed;
      const diagnostics = reviewed
        ? reviewDiagnostics(reviewed.review, reviewed.context)
        : new Map([[uri, []]]);
      publisher.replace(uri, diagnostics, version);
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

  const rangePatches = async (given: string): Promise<RangePatches> => {
    const refuse = (problem: string) => ({ text: null, problem });
    if (!workspace.trusted) return refuse(say('Git is not started in Restricted Mode.'));
    const { root, reason } = await requests.findTreeFor(null);
    if (root === null) return refuse(reason);
    const range = given.includes('..') ? given : `${given}~1..${given}`;
    if (!looksLikeRange(range)) return refuse(say('{0} is no range of commits such as v7.1..HEAD.', given));
    const { text, problem } = await workplace.readRange(root, range);
    return text === null ? refuse(`${range} ${problem}.`) : { text, problem: null };
  };

  const workingTree = async (): Promise<RangePatches> => {
    const refuse = (problem: string) => ({ text: null, problem });
    if (!workspace.trusted) return refuse(say('Git is not started in Restricted Mode.'));
    const { root, reason } = await requests.findTreeFor(null);
    if (root === null) return refuse(reason);
    const text = await workplace.uncommitted(root);
    if (text === null) return refuse(say('{0} is no git repository with a commit.', root));
    return text === '' ? refuse(say('Everything is committed.')) : { text, problem: null };
  };

  const subjectOf = async (document: TextDocument, about: 'shown' | 'judged'): Promise<Subject | null> => {
    if (document.getText().length > LONGEST_DOCUMENT)
      throw new Error(`it is longer than ${LONGEST_DOCUMENT >> 20} million characters`);
    const found = await requests.findTreeFor(workplace.placeOf(document.uri));
    if (about === 'shown') return requests.shown(document, found);
    tree = found;
    tellStatus();
    return requests.judged(document, found);
  };

  const reviewOf = async (document: TextDocument, signal: AbortSignal): Promise<Reviewed | null> => {
    const text = document.getText();
    const subject = await subjectOf(document, 'judged');
    if (subject === null) return null;
    const { request, inputIsDocument } = subject;
    const review = await reviewer.ask(request, { kind: 'review' }, signal);
    logReview(document.uri, review);
    const root = request.tree;
    const isFile = request.subject.kind === 'files';
    return {
      review,
      context: {
        documentUri: document.uri,
        documentLines: text.split(/\r\n|\n|\r/),
        inputIsDocument: inputIsDocument && !isFile,
        fileUri: (name) => (root === null ? null : requests.uriInTree(root, name)),
        ruleUri,
        // A check of all of an open file has nothing that came before it.
        showExisting: workspace.settings.showExisting || isFile,
      },
    };
  };

  const logReview = (uri: string, review: Review) => {
    const { files, functions, paths, configs, milliseconds } = review.stats;
    const count = (status: string) => review.findings.filter((finding) => finding.status === status).length;
    editor.log(
      'info',
      `${uri}: ${count('introduced')} findings, ${count('existing')} from before, ${count('fixed')} fixed; ${files} files, ${functions} functions, ${paths} paths, ${configs} configurations, ${Math.round(milliseconds)} ms`,
    );
    for (const note of review.notes) {
      const where = note.file === null ? '' : `${note.file}${note.line === null ? '' : `:${note.line}`}: `;
      editor.log('debug', `${uri}: ${where}${note.message}`);
    }
  };

  const start = (uri: string, now: boolean): Promise<void> => {
    const done = scheduler.schedule(uri, (signal) => analyse(uri, signal), now);
    analyses.set(uri, { done, result: null });
    return done;
  };
  const changed = (uri: string) => {
    const document = editor.document(uri);
    if (!document) return;
    if (kindOf(document) === 'none') forget(uri);
    else void start(uri, false);
  };
  const forget = (uri: string) => {
    scheduler.cancel(uri);
    analyses.delete(uri);
    publisher.clear(uri);
  };

  return {
    changed,
    reviewNow(uri) {
      generation++;
      return start(uri, true);
    },
    async reviewed(uri) {
      // An edit while this waits starts another analysis: wait for that one too.
      for (let analysis = analyses.get(uri); analysis; analysis = analyses.get(uri)) {
        await analysis.done;
        if (analyses.get(uri) === analysis) return analysis.result;
      }
      return null;
    },
    async ask(uri, about, question, signal) {
      const document = editor.document(uri);
      if (!document || kindOf(document) === 'none') return null;
      const subject = await subjectOf(document, about);
      return subject && reviewer.ask(subject.request, question, signal);
    },
    settings: () => workspace.settings,
    fileUri: (file) => (tree?.root ? requests.uriInTree(tree.root, file) : null),
    saved(uri) {
      const document = editor.document(uri);
      if (!document || kindOf(document) !== 'c') return;
      generation++;
      for (const other of editor.documents()) if (kindOf(other) === 'patch') changed(other.uri);
    },
    closed: forget,
    rangePatches,
    workingTree,
    configure(change) {
      workspace = { ...workspace, ...change };
      generation++;
      for (const document of editor.documents()) changed(document.uri);
    },
    async dispose() {
      scheduler.cancelAll();
      await reviewer.dispose();
    },
  };
}
