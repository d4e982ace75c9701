import type { CParser } from '../../engine/c/index.ts';
import { allRules, KnownWork } from '../../engine/check/index.ts';
import { DEFAULT_OPTIONS, type Note, type Review, type ReviewOptions } from '../../engine/review/index.ts';
import { overlayTree, type SourceTree } from '../../engine/source/index.ts';
import type { RememberedReviews } from '../cache/remembered-reviews.ts';
import {
  CONFIGURATION_FILE,
  NO_CONFIGURATION,
  type ProjectConfiguration,
  readConfiguration,
} from '../cli/project-configuration.ts';
import { type Baseline, readBaseline, suppress } from '../cli/suppress.ts';
import type { OpenTree } from '../tree/open-tree-type.ts';
import { answer } from './answer.ts';
import { type OpenedCode, openCode, type Recall, type Workbench } from './opened-code.ts';
import type { ReviewRequest } from './reviewer.ts';
import type { Engine } from './worker-host.ts';

/** Documents whose code stays open: the one in front, and the one beside it or before it. */
const MOST_OPEN = 3;

/**
 * The engine over source trees. Trees and code stay open from one question to the next, and so does the
 * parser, which is loaded when it is first needed; what was found out of code that an edit left alone is used again.
 * @param reviews those of patches that were made before, by this server or another
 */
export function createEngine(
  loadParser: () => Promise<CParser>,
  openTree: (root: string, mayExecute: boolean) => OpenTree | Promise<OpenTree>,
  reviews: RememberedReviews | null = null,
): Engine {
  let bench: Promise<Workbench> | null = null;
  let open: { readonly key: string; readonly tree: OpenTree } | null = null;
  const recent: { readonly key: string; readonly code: OpenedCode }[] = [];

  const treeOf = async (request: ReviewRequest): Promise<OpenTree | null> => {
    if (request.tree === null) return null;
    const key = `${request.mayExecute} ${request.tree}`;
    if (open?.key === key) return open.tree;
    open?.tree.close();
    open = null;
    const tree = await openTree(request.tree, request.mayExecute);
    open = { key, tree };
    return tree;
  };

  const codeFor = async (request: ReviewRequest): Promise<OpenedCode> => {
    bench ??= loadParser().then((parser) => ({ parser, known: new KnownWork(parser) }));
    const at = recent.findIndex((one) => one.key === request.key);
    const [known] = at < 0 ? [] : recent.splice(at, 1);
    if (!known) (await bench).known.forgetUnused();
    const code = known?.code ?? (await openRequest(request, await treeOf(request), await bench, reviews));
    recent.unshift({ key: request.key, code });
    recent.length = Math.min(recent.length, MOST_OPEN);
    return code;
  };

  return async (request, question, cancelled) => {
    const code = await codeFor(request);
    const value = await answer(code, question, { cancelled });
    // What was given up half way is not kept for the next question.
    if (cancelled()) recent.splice(0, recent.length, ...recent.filter((one) => one.code !== code));
    return value;
  };
}

async function openRequest(
  request: ReviewRequest,
  tree: OpenTree | null,
  bench: Workbench,
  reviews: RememberedReviews | null,
): Promise<OpenedCode> {
  // What a project says about itself counts only where the workspace is trusted: it can hide findings.
  const project = request.mayExecute ? await readProject(tree) : { value: NO_CONFIGURATION, notes: [] };
  const options: ReviewOptions = {
    ...DEFAULT_OPTIONS,
    all: request.all,
    configuration: new Map([...project.value.config, ...Object.entries(request.config)]),
    ruleLevels: new Map([...project.value.rules, ...Object.entries(request.rules)]),
    contracts: project.value.contracts,
  };
  const { subject } = request;
  const whole = new Set(subject.kind === 'files' ? subject.paths : []);
  const finish = async (review: Review): Promise<Review> => {
    const baseline = await readBaselineOf(tree, project.value);
    const shown = suppress(review, project.value.suppressions, baseline.value, whole);
    const problems = (tree?.problems() ?? []).map((message): Note => ({ message, file: null, line: null }));
    return { ...shown, notes: [...shown.notes, ...project.notes, ...baseline.notes, ...problems] };
  };
  if (reviews === null || !isKept(request))
    return openCode(subject, sourceOf(tree, request), options, bench, finish);
  const watched = reviews.watch(tree);
  const recall: Recall = (make, run) => watched.review(subject, options, make, run.cancelled);
  return openCode(subject, watched.tree, options, bench, finish, recall);
}

/** Code that is being edited is another at each key: its reviews are of no use to anybody later. */
function isKept({ cache, subject, overlay }: ReviewRequest): boolean {
  const isFile = subject.kind === 'files' || subject.shownAs !== undefined;
  return cache && !isFile && Object.keys(overlay).length === 0;
}

function sourceOf(tree: SourceTree | null, request: ReviewRequest): SourceTree | null {
  const overlay = Object.entries(request.overlay);
  return overlay.length === 0 ? tree : overlayTree(tree, new Map(overlay));
}

async function readProject(
  tree: SourceTree | null,
): Promise<{ readonly value: ProjectConfiguration; readonly notes: readonly Note[] }> {
  const text = (await tree?.read(CONFIGURATION_FILE)) ?? null;
  if (text === null) return { value: NO_CONFIGURATION, notes: [] };
  const { value, problems } = readConfiguration(
    text,
    allRules().map((rule) => rule.id),
  );
  const notes = problems.map(({ message, line }): Note => ({ message, file: CONFIGURATION_FILE, line }));
  return { value, notes };
}

async function readBaselineOf(
  tree: SourceTree | null,
  project: ProjectConfiguration,
): Promise<{ readonly value: Baseline; readonly notes: readonly Note[] }> {
  const nothing = { value: new Map<string, string>(), notes: [] };
  if (project.baseline === null || tree === null) return nothing;
  const text = await tree.read(project.baseline);
  if (text === null)
    return {
      ...nothing,
      notes: [{ message: 'the baseline cannot be read', file: project.baseline, line: null }],
    };
  const { value, problem } = readBaseline(text);
  if (problem === null) return { value, notes: [] };
  return { ...nothing, notes: [{ ...problem, file: project.baseline }] };
}
