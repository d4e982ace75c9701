import type { CParser } from '../../engine/c/index.ts';
import type { KnownWork } from '../../engine/check/index.ts';
import {
  type CodeView,
  type Input,
  type OpenedInput,
  openInput,
  openProgram,
  type Review,
  type ReviewOptions,
  reviewFiles,
  reviewOpened,
  reviewPatches,
  viewOfFile,
  viewOfPatch,
} from '../../engine/review/index.ts';
import type { Run, SourceTree } from '../../engine/source/index.ts';
import type { ReviewRequest } from './reviewer.ts';

/** The code of one document, read once and then asked many things. Each part is made when it is first asked for. */
export interface OpenedCode {
  readonly tree: SourceTree | null;
  review(run: Run): Promise<Review>;
  /** The patch, where the subject is one. */
  patch(run: Run): Promise<OpenedInput | null>;
  /** Null for more inputs than one, and for a file that is not there. */
  view(run: Run): Promise<CodeView | null>;
}

/** What stays from one document to the next: the parser, and what has been found out with it. */
export interface Workbench {
  readonly parser: CParser;
  readonly known: KnownWork;
}

/** @param finish takes out what the project has decided not to report */
export function openCode(
  subject: ReviewRequest['subject'],
  tree: SourceTree | null,
  options: ReviewOptions,
  { parser, known }: Workbench,
  finish: (review: Review) => Promise<Review>,
): OpenedCode {
  if (subject.kind === 'files') {
    const files = subject.paths.map((path) => ({ path }));
    const [path] = subject.paths;
    return {
      tree,
      review: once(async (run) => finish(await reviewFiles(files, tree, options, parser, run, known))),
      patch: async () => null,
      view: once(async () => {
        const program = await openProgram(tree, options, parser, new Set(), [], known);
        const unit = path === undefined ? null : await program.load(path);
        return unit ? viewOfFile(program, unit) : null;
      }),
    };
  }
  const [input, ...others] = subject.inputs;
  const patch = once(
    async (run): Promise<OpenedInput | null> =>
      input && others.length === 0 ? openInput(input, tree, options, parser, run, known) : null,
  );
  const reviewAll = (inputs: readonly Input[], run: Run) =>
    reviewPatches(inputs, tree, options, parser, run, known);
  return {
    tree,
    patch,
    review: once(async (run) => {
      const opened = await patch(run);
      return finish(
        await (opened ? reviewOpened(opened, options, parser, run) : reviewAll(subject.inputs, run)),
      );
    }),
    view: once(async (run) => {
      const opened = await patch(run);
      return opened ? viewOfPatch(opened, subject.shownAs ?? null) : null;
    }),
  };
}

/** Remembers the result; a failure is tried again. */
function once<T>(make: (run: Run) => Promise<T>): (run: Run) => Promise<T> {
  let made: Promise<T> | null = null;
  return (run) => {
    made ??= make(run).catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}
