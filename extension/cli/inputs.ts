/** From the INPUTs of the command line to what is reviewed. */
import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { readRange } from './git-range.ts';
import { errorCode, type Host, reasonOf } from './host.ts';
import { looksLikeRange } from './looks-like-range.ts';
import { LONGEST_INPUT, type ReadResult, readTextFile, textOf, tooLong } from './read-input.ts';
import type { PatchInput, ServiceTree, SourceInput } from './services.ts';

/** A tree and where it is. */
export interface OpenedTree {
  /** As the user wrote it. */
  readonly name: string;
  /** Absolute, without symbolic links. */
  readonly root: string;
  readonly source: ServiceTree;
}

/** An input that could not be used; the others are. */
export interface InputProblem {
  readonly name: string;
  readonly line: number | null;
  readonly message: string;
}

export interface Inputs {
  readonly patches: readonly PatchInput[];
  readonly sources: readonly SourceInput[];
  readonly problems: readonly InputProblem[];
}

/** What one INPUT stands for, or what is wrong with it. */
type Resolved =
  | { readonly kind: 'patch'; readonly patch: PatchInput }
  | { readonly kind: 'sources'; readonly sources: readonly SourceInput[] }
  | { readonly kind: 'problem'; readonly message: string };

/** Reads every INPUT, in order; a C file that is named twice is reviewed once. Never rejects. */
export async function readInputs(
  host: Host,
  names: readonly string[],
  tree: OpenedTree | null,
): Promise<Inputs> {
  const patches: PatchInput[] = [];
  const sources = new Map<string, SourceInput>();
  const problems: InputProblem[] = [];
  // A patch that is named twice is one patch.
  for (const name of new Set(names)) {
    const resolved = name === '-' ? await readStandardInput(host) : await resolveInput(host, name, tree);
    if (resolved.kind === 'patch') patches.push(resolved.patch);
    else if (resolved.kind === 'sources') {
      for (const one of resolved.sources) sources.set(one.path, one);
    } else problems.push({ name, line: null, message: resolved.message });
  }
  return { patches, sources: [...sources.values()], problems };
}

async function readStandardInput(host: Host): Promise<Resolved> {
  try {
    const bytes = await host.readStdin(LONGEST_INPUT);
    return patchOf('-', bytes === null ? tooLong() : textOf(bytes));
  } catch (error) {
    return problem(`cannot be read: ${reasonOf(error)}`);
  }
}

/**
 * A file as seen from the current directory comes first, then one of the tree, then a range of commits: a name
 * that is both is the file that the shell would complete.
 */
async function resolveInput(host: Host, name: string, tree: OpenedTree | null): Promise<Resolved> {
  const path = resolve(host.cwd, name);
  const here = statOf(path);
  if (!('error' in here)) return readPath(name, path, here.stats, tree);
  if (tree !== null && errorCode(here.error) === 'ENOENT' && !isAbsolute(name)) {
    const inTree = join(tree.root, name);
    if (isInside(tree.root, inTree)) {
      const there = statOf(inTree);
      if (!('error' in there)) return readPath(name, inTree, there.stats, tree);
    }
  }
  if (looksLikeRange(name) && !name.includes('../') && !name.endsWith('/..')) {
    if (tree === null) return problem('reads as a git range, which needs the tree it is in: --tree DIR');
    return patchOf(name, await readRange(tree.root, name));
  }
  if (errorCode(here.error) === 'ENOENT') return problem(missing(path));
  return problem(`cannot be read: ${reasonOf(here.error)}`);
}

/** A link that leads nowhere is there, and yet is not. */
function missing(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
    ? 'cannot be read: the symbolic link leads nowhere'
    : 'cannot be read: there is no such file';
}

async function readPath(
  name: string,
  path: string,
  stats: Stats,
  tree: OpenedTree | null,
): Promise<Resolved> {
  const real = realpathSync(path);
  const inside = tree !== null && isInside(tree.root, real) ? relative(tree.root, real) : null;
  if (stats.isDirectory()) {
    if (tree === null) {
      return problem(
        'is a directory: expected a patch or a C file; to review the C files in it, give --tree DIR',
      );
    }
    if (inside === null)
      return problem(`is a directory outside the tree '${tree.name}': expected one inside it`);
    return directorySources(tree, inside.split(sep).join('/'));
  }
  if (!/\.[ch]$/.test(name)) return patchOf(name, readTextFile(path));
  if (inside !== null && stats.isFile()) {
    // The tree reads it, and says so if it cannot; what is no text is told here, with the reason.
    const read = readTextFile(path);
    if (read.problem !== null) return problem(read.problem);
    return { kind: 'sources', sources: [{ path: inside.split(sep).join('/') }] };
  }
  const read = readTextFile(path);
  if (read.problem !== null) return problem(read.problem);
  return { kind: 'sources', sources: [{ path: name, text: read.text }] };
}

async function directorySources(tree: OpenedTree, folder: string): Promise<Resolved> {
  const prefix = folder === '' ? '' : `${folder}/`;
  const all = await tree.source.list();
  const sources = all
    .filter((path) => path.startsWith(prefix) && /\.[ch]$/.test(path))
    .map((path) => ({ path }));
  if (sources.length === 0) return problem('is a directory without C files');
  return { kind: 'sources', sources };
}

function patchOf(name: string, read: ReadResult): Resolved {
  if (read.problem !== null) return problem(read.problem);
  return { kind: 'patch', patch: { name, text: read.text } };
}

function problem(message: string): Resolved {
  return { kind: 'problem', message };
}

function statOf(path: string): { readonly stats: Stats } | { readonly error: unknown } {
  try {
    return { stats: statSync(path) };
  } catch (error) {
    return { error };
  }
}

/** True where `path` is `root` or below it; both absolute. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
}

/** The problem on one line, as a compiler would. */
export function problemText(problem: InputProblem): string {
  const name = problem.name === '-' ? 'standard input' : problem.name;
  const place = problem.line === null ? name : `${name}:${problem.line}`;
  return `${place}: ${problem.message}`;
}
