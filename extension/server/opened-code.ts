import type { CParser } from '../../engine/c/index.ts';
import type { Definition, KnownWork, Program } from '../../engine/check/index.ts';
import {
  type CodeView,
  type DocumentEdit,
  editPatch,
  type Input,
  type LineEdit,
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
  /** What is checked of a file, and how: null where the code is not open as one input. */
  checked(run: Run): Promise<Checked | null>;
  /** Edits of the code as edits of the document; null where it does not show what they change. */
  inDocument(edits: readonly LineEdit[], run: Run): Promise<readonly DocumentEdit[] | null>;
  /** Null for more inputs than one, and for a file that is not there. */
  view(run: Run): Promise<CodeView | null>;
}

/** What stays from one document to the next: the parser, and what has been found out with it. */
export interface Workbench {
  readonly parser: CParser;
  readonly known: KnownWork;
}

/** The code that findings are about, so that it can be changed and checked again. */
export interface Checked {
  readonly program: Program;
  readonly definitions: readonly Definition[];
  readonly levels: ReviewOptions['ruleLevels'];
}

/** The review as it was made before, or as `make` makes it. */
export type Recall = (make: () => Promise<Review>, run: Run) => Promise<Review>;

/** @param finish takes out what the project has decided not to report */
export function openCode(
  subject: ReviewRequest['subject'],
  tree: SourceTree | null,
  options: ReviewOptions,
  { parser, known }: Workbench,
  finish: (review: Review) => Promise<Review>,
  recall: Recall = (make) => make(),
): OpenedCode {
  if (subject.kind === 'files') {
    const files = subject.paths.map((path) => ({ path }));
    const [path] = subject.paths;
    const whole = once(async () => {
      const program = await openProgram(tree, options, parser, new Set(), [], known);
      const unit = path === undefined ? null : await program.load(path);
      return unit ? viewOfFile(program, unit) : null;
    });
    return {
      tree,
      review: once(async (run) => finish(await reviewFiles(files, tree, options, parser, run, known))),
      patch: async () => null,
      async checked(run) {
        const view = await whole(run);
        if (!view) return null;
        await view.program.loadCallees(view.functions, run);
        return { program: view.program, definitions: view.functions, levels: options.ruleLevels };
      },
      inDocument: async (edits) => (edits.every((edit) => edit.file === path) ? edits : null),
      view: whole,
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
    async checked(run) {
      const opened = await patch(run);
      // Of hunks alone too little is known to prove an edit by.
      if (!opened || opened.images.files.some((image) => image.basis === 'fragment')) return null;
      return { program: opened.after, definitions: opened.scope.after, levels: options.ruleLevels };
    },
    async inDocument(edits, run) {
      if (subject.shownAs !== undefined)
        return edits.every((edit) => edit.file === subject.shownAs) ? edits : null;
      const opened = await patch(run);
      return opened && editPatch(opened.series, opened.images.files, opened.input.text, edits);
    },
    review: once(async (run) => {
      const make = async () => {
        const opened = await patch(run);
        return opened ? reviewOpened(opened, options, parser, run) : reviewAll(subject.inputs, run);
      };
      return finish(await recall(make, run));
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
