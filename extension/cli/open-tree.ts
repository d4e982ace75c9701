/** Opening the tree and its configuration file. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Note } from '../../engine/review/review.ts';
import { isKernelTree } from '../../engine/source/index.ts';
import { errorCode, type Host, reasonOf, UserError } from './host.ts';
import { isInside, type OpenedTree } from './inputs.ts';
import {
  CONFIGURATION_FILE,
  NO_CONFIGURATION,
  type ProjectConfiguration,
  readConfiguration,
} from './project-configuration.ts';
import type { Services } from './services.ts';
import { type Baseline, readBaseline } from './suppress.ts';

/** @throws UserError where the directory cannot be used. */
export async function openTree(host: Host, services: Services, name: string): Promise<OpenedTree> {
  let root: string;
  try {
    root = realpathSync(resolve(host.cwd, name));
    if (!statSync(root).isDirectory()) {
      throw new UserError(`option '--tree': '${name}' is a file: expected the directory of a kernel tree`);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = errorCode(error) === 'ENOENT' ? 'there is no such directory' : reasonOf(error);
    throw new UserError(`option '--tree': '${name}' cannot be used: ${reason}`);
  }
  return { name, root, source: await services.openTree(root) };
}

/**
 * A note where the directory does not look like a kernel's. It is used all the same: a part of a tree is enough
 * for the patches that touch that part.
 */
export async function kernelNotes(tree: OpenedTree): Promise<Note[]> {
  // The usual case costs one file; the search that follows lists the tree.
  if (/^VERSION\s*=\s*\d/m.test((await tree.source.read('Makefile')) ?? '')) return [];
  const kernel = await isKernelTree(tree.source);
  if (kernel.ok) return [];
  const message = 'is not a kernel tree as far as can be seen (expected Makefile, Kconfig and include/linux)';
  return [{ message: `${message}; it is used all the same`, file: tree.name, line: null }];
}

export interface Project {
  readonly configuration: ProjectConfiguration;
  readonly baseline: Baseline;
}

/**
 * Reads `.lock-review.json` and the baseline: the one that `--baseline` gives, else the one that the file names.
 * @throws UserError naming each mistake with its line.
 */
export function readProject(
  host: Host,
  tree: OpenedTree | null,
  ruleIds: readonly string[],
  baseline: string | null,
): Project {
  const project = readConfigured(tree, ruleIds, baseline === null);
  return baseline === null ? project : { ...project, baseline: readGivenBaseline(host, baseline) };
}

function readGivenBaseline(host: Host, name: string): Baseline {
  let text: string;
  try {
    text = readFileSync(resolve(host.cwd, name), 'utf8');
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? 'there is no such file' : reasonOf(error);
    throw new UserError(`option '--baseline': '${name}' cannot be read: ${reason}`);
  }
  const { value, problem } = readBaseline(text);
  if (problem !== null) throw new UserError(`${name}:${problem.line}: ${problem.message}`);
  return value;
}

function readConfigured(tree: OpenedTree | null, ruleIds: readonly string[], withBaseline: boolean): Project {
  const none: Project = { configuration: NO_CONFIGURATION, baseline: new Map() };
  if (tree === null) return none;
  const text = readOptional(tree, CONFIGURATION_FILE);
  if (text === null) return none;
  const { value, problems } = readConfiguration(text, ruleIds);
  if (problems.length > 0) {
    const name = join(tree.name, CONFIGURATION_FILE);
    throw new UserError(
      problems.map((one) => `${name}:${one.line}:${one.column}: ${one.message}`).join('\n'),
    );
  }
  if (value.baseline === null || !withBaseline) return { configuration: value, baseline: none.baseline };
  const name = join(tree.name, value.baseline);
  const report = readOptional(tree, value.baseline);
  if (report === null)
    throw new UserError(`${name}: the baseline that ${CONFIGURATION_FILE} names is not there`);
  const baseline = readBaseline(report);
  if (baseline.problem !== null) {
    throw new UserError(`${name}:${baseline.problem.line}: ${baseline.problem.message}`);
  }
  return { configuration: value, baseline: baseline.value };
}

/** A file of the tree, or null where there is none. Links out of the tree are not followed. */
function readOptional(tree: OpenedTree, file: string): string | null {
  const path = join(tree.root, file);
  try {
    if (!isInside(tree.root, realpathSync(path))) {
      throw new UserError(`${join(tree.name, file)}: leads out of the tree: expected a file inside it`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (errorCode(error) === 'ENOENT') return null;
    throw new UserError(`${join(tree.name, file)}: cannot be read: ${reasonOf(error)}`);
  }
}
