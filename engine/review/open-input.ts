/** A patch or series made ready to be looked at: its code before and after, and the functions that it can have changed. */
import { type CParser, parseFragment } from '../c/index.ts';
import { KnownWork, type Program } from '../check/index.ts';
import { parseSeries, type Series } from '../patch/index.ts';
import {
  buildImages,
  type FileImage,
  type ImageSet,
  overlayTree,
  type Run,
  removedSymbols,
  type SourceTree,
  type SymbolUse,
  symbolUsers,
} from '../source/index.ts';
import type { ReviewOptions } from './options.ts';
import type { Places } from './present.ts';
import type { Note } from './review.ts';
import { openProgram } from './review-files.ts';
import { isCode, type Scope, touchedFunctions, withForeignCallers, withOtherHalves } from './targets.ts';

/** A patch, a mail or a series, as text. */
export interface Input {
  readonly name: string;
  readonly text: string;
}

export interface OpenedInput {
  readonly input: Input;
  readonly series: Series;
  readonly images: ImageSet;
  /** The tree as the series leaves it; null where there is none. */
  readonly tree: SourceTree | null;
  /** The code after the series, and before it. */
  readonly after: Program;
  readonly before: Program;
  /** What is to be checked in each. */
  readonly scope: Scope;
  /** Places that test a symbol which the series removes. */
  readonly uses: readonly SymbolUse[];
  /** What could not be read. */
  readonly notes: readonly Note[];
  /** What looking at it has found out, for who looks at another state of the same code. */
  readonly work: KnownWork;
}

export async function openInput(
  input: Input,
  tree: SourceTree | null,
  options: ReviewOptions,
  parser: CParser,
  run?: Run,
  known: KnownWork = new KnownWork(parser),
): Promise<OpenedInput> {
  const notes: Note[] = [];
  const parsed = await parseSeries(input.text);
  const built = await buildImages(parsed.value, tree, run);
  for (const problem of [...parsed.problems, ...built.problems]) {
    notes.push({ message: problem.message, file: input.name, line: problem.line });
  }
  const images = built.value;
  const code = images.files.filter((image) => isCode(image.path));
  const postTree = overlayTree(tree, new Map(images.files.map((image) => [image.path, image.post])));
  const preTree = overlayTree(tree, preTexts(images));
  const removed = tree ? await removedSymbols(images, postTree) : [];
  if (!tree && code.length > 0) {
    notes.push({
      message:
        'without a tree, only what the hunks show was checked: callees, callers and configuration symbols elsewhere are unknown (--tree DIR)',
      file: input.name,
      line: null,
    });
  }
  const after = await openProgram(postTree, options, parser, new Set(removed), notes, known);
  const before = await openProgram(preTree, options, parser, new Set(), [], known);
  addFragments(after, code, 'post');
  addFragments(before, code, 'pre');
  const uses = removed.length > 0 ? await symbolUsers(postTree, removed) : [];
  const touched = await touchedFunctions(after, before, code, uses);
  await after.loadCallees(touched.after, run);
  await before.loadCallees(touched.before, run);
  const both = withOtherHalves(after, before, touched);
  const scope = tree ? await withForeignCallers(after, before, both, code, postTree, run) : both;
  return {
    input,
    series: parsed.value,
    images,
    tree: tree ? postTree : null,
    after,
    before,
    scope,
    uses,
    notes,
    work: known,
  };
}

/** The texts before the series, where they differ from what the tree holds. */
export function preTexts(images: ImageSet): Map<string, string | null> {
  const texts = new Map<string, string | null>();
  for (const image of images.files) {
    if (image.oldPath !== null) texts.set(image.oldPath, image.pre);
    if (image.oldPath !== image.path && !image.isCopy) texts.set(image.path, null);
  }
  return texts;
}

/** Files of which only hunks are known are read as fragments; the others come from their tree. */
function addFragments(program: Program, images: readonly FileImage[], which: 'pre' | 'post'): void {
  for (const image of images) {
    if (image.basis !== 'fragment') continue;
    const text = which === 'post' ? image.post : image.pre;
    const path = which === 'post' ? image.path : (image.oldPath ?? image.path);
    const unknown = which === 'post' ? image.unknownPostLines : image.unknownPreLines;
    const sections = which === 'post' ? image.sections : [];
    if (text !== null) program.addUnit(parseFragment(path, text, { unknown, sections }));
  }
}

/** Where the lines of one side are, and what they say. */
export function placesOf({ images, after, before }: OpenedInput, which: 'pre' | 'post'): Places {
  const program = which === 'post' ? after : before;
  const byPath = new Map(
    images.files.map(
      (image) => [which === 'post' ? image.path : (image.oldPath ?? image.path), image] as const,
    ),
  );
  const texts = new Map<string, readonly string[]>();
  return {
    line: (file, line) => {
      const unit = program.unit(file);
      if (unit) return unit.line(line);
      let lines = texts.get(file);
      if (!lines) {
        const image = byPath.get(file);
        lines = ((which === 'post' ? image?.post : image?.pre) ?? '').split('\n');
        texts.set(file, lines);
      }
      return lines[line - 1] ?? '';
    },
    inputLine: (file, line) => {
      const image = byPath.get(file);
      if (!image) return null;
      return which === 'post' ? image.postLineToInput(line) : image.preLineToInput(line);
    },
  };
}
