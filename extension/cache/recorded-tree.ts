/**
 * What a piece of work asked of a source tree, and what it was told. Work that is the same for the same answers need
 * not be done again while the tree still gives them.
 */
import { createHash } from 'node:crypto';
import type { SourceTree } from '../../engine/source/tree.ts';

/** The questions in the order in which they were first asked, each with a digest of its answer. */
export interface Asked {
  readonly name: string;
  readonly reads: readonly (readonly [path: string, digest: string])[];
  readonly blobs: readonly (readonly [hash: string, digest: string])[];
  /** Null where the list of files was not asked for. */
  readonly list: string | null;
  readonly words: readonly (readonly [word: string, under: readonly string[] | null, digest: string])[];
  readonly definitions: readonly (readonly [name: string, digest: string])[];
}

export interface RecordedTree {
  /** Answers as the tree itself does. */
  readonly tree: SourceTree;
  /** What has been asked so far; null where the tree said two things to one question: it has changed meanwhile. */
  asked(): Asked | null;
}

/** Passes questions on to `tree`, and notes them. */
export function recordTree(tree: SourceTree): RecordedTree {
  let consistent = true;
  const reads = new Map<string, string>();
  const blobs = new Map<string, string>();
  const lists = new Map<string, string>();
  const words = new Map<string, readonly [string, readonly string[] | null, string]>();
  const definitions = new Map<string, string>();
  const note = (answers: Map<string, string>, question: string, answer: string) => {
    const known = answers.get(question);
    if (known === undefined) answers.set(question, answer);
    else if (known !== answer) consistent = false;
  };
  return {
    tree: {
      name: tree.name,
      async read(path) {
        const text = await tree.read(path);
        note(reads, path, digestOf(text));
        return text;
      },
      async readBlob(hash) {
        const text = await tree.readBlob(hash);
        note(blobs, hash, digestOf(text));
        return text;
      },
      async list() {
        const list = await tree.list();
        note(lists, '', digestOf(list.join('\n')));
        return list;
      },
      async findWords(wanted, under) {
        const found = await tree.findWords(wanted, under);
        for (const word of wanted) {
          const digest = digestOf(pathsOf(found, word));
          const key = JSON.stringify([word, under ?? null]);
          const known = words.get(key);
          if (known === undefined) words.set(key, [word, under ?? null, digest]);
          else if (known[2] !== digest) consistent = false;
        }
        return found;
      },
      async findDefinitions(names) {
        const found = await tree.findDefinitions(names);
        for (const name of names) note(definitions, name, digestOf(pathsOf(found, name)));
        return found;
      },
    },
    asked: () =>
      consistent
        ? {
            name: tree.name,
            reads: [...reads],
            blobs: [...blobs],
            list: lists.get('') ?? null,
            words: [...words.values()],
            definitions: [...definitions],
          }
        : null,
  };
}

/** Whether the tree would answer everything as it did then. What is quick to ask is asked first. */
export async function answersAsBefore(tree: SourceTree, asked: Asked): Promise<boolean> {
  if (tree.name !== asked.name) return false;
  for (const [path, digest] of asked.reads) if (digestOf(await tree.read(path)) !== digest) return false;
  for (const [hash, digest] of asked.blobs) if (digestOf(await tree.readBlob(hash)) !== digest) return false;
  if (asked.list !== null && digestOf((await tree.list()).join('\n')) !== asked.list) return false;
  const found = await tree.findDefinitions(asked.definitions.map(([name]) => name));
  if (asked.definitions.some(([name, digest]) => digestOf(pathsOf(found, name)) !== digest)) return false;
  // Words that were looked for in the same folders are one search.
  for (const under of new Map(
    asked.words.map(([, folders]) => [JSON.stringify(folders), folders]),
  ).values()) {
    const here = asked.words.filter(([, folders]) => JSON.stringify(folders) === JSON.stringify(under));
    const files = await tree.findWords(
      here.map(([word]) => word),
      under ?? undefined,
    );
    if (here.some(([word, , digest]) => digestOf(pathsOf(files, word)) !== digest)) return false;
  }
  return true;
}

function pathsOf(found: ReadonlyMap<string, readonly string[]>, name: string): string {
  return (found.get(name) ?? []).join('\n');
}

/** Of a text, or of its absence. */
export function digestOf(text: string | null): string {
  if (text === null) return '';
  return createHash('sha256').update(text).digest('base64url');
}
