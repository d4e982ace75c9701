import type { CParser } from '../../engine/c/index.ts';
import { allRules } from '../../engine/check/index.ts';
import {
  DEFAULT_OPTIONS,
  type Note,
  type Review,
  type ReviewOptions,
  reviewFiles,
  reviewPatches,
} from '../../engine/review/index.ts';
import { overlayTree, type SourceTree } from '../../engine/source/index.ts';
import {
  CONFIGURATION_FILE,
  NO_CONFIGURATION,
  type ProjectConfiguration,
  readConfiguration,
} from '../cli/project-configuration.ts';
import { readBaseline, suppress } from '../cli/suppress.ts';
import type { OpenTree } from '../tree/open-tree-type.ts';
import type { ReviewRequest } from './reviewer.ts';

/**
 * The engine over source trees. They stay open from one review to the next, and so does the parser,
 * which is loaded when it is first needed.
 */
export function createEngine(
  loadParser: () => Promise<CParser>,
  openTree: (root: string, mayExecute: boolean) => OpenTree | Promise<OpenTree>,
): (request: ReviewRequest, cancelled: () => boolean) => Promise<Review> {
  let parser: Promise<CParser> | null = null;
  let open: { readonly key: string; readonly tree: OpenTree } | null = null;

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

  return async (request, cancelled) => {
    parser ??= loadParser();
    const tree = await treeOf(request);
    // What a project says about itself counts only where the workspace is trusted: it can hide findings.
    const project = request.mayExecute ? await readProject(tree) : { value: NO_CONFIGURATION, notes: [] };
    const options: ReviewOptions = {
      ...DEFAULT_OPTIONS,
      all: request.all,
      configuration: new Map([...project.value.config, ...Object.entries(request.config)]),
      ruleLevels: new Map([...project.value.rules, ...Object.entries(request.rules)]),
      contracts: project.value.contracts,
    };
    const run = { cancelled };
    const { subject } = request;
    const source = sourceOf(tree, request);
    const review =
      subject.kind === 'patches'
        ? await reviewPatches(subject.inputs, source, options, await parser, run)
        : await reviewFiles(
            subject.paths.map((path) => ({ path })),
            source,
            options,
            await parser,
            run,
          );
    const baseline = await readBaselineOf(tree, project.value);
    const shown = suppress(
      review,
      project.value.suppressions,
      baseline.value,
      new Set(subject.kind === 'files' ? subject.paths : []),
    );
    const problems = (tree?.problems() ?? []).map((message): Note => ({ message, file: null, line: null }));
    return { ...shown, notes: [...shown.notes, ...project.notes, ...baseline.notes, ...problems] };
  };
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
): Promise<{ readonly value: ReadonlySet<string>; readonly notes: readonly Note[] }> {
  const nothing = { value: new Set<string>(), notes: [] };
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
