/**
 * Reviewing many files: in chunks, so that a whole tree does not have to be in memory at once, on as many threads
 * as asked for. What a chunk finds does not depend on the others nor on the threads, so the report is the same
 * for any number of them; a chunk that the engine fails on costs its own files, and is told.
 */
import type { Note, Review } from '../../engine/review/review.ts';
import type { Run } from '../../engine/source/tree.ts';
import type { SourceInput } from './services.ts';

/** Files of one chunk: enough to share the headers and callees that a folder has in common. */
export const CHUNK = 48;

/** Reviews one chunk. Rejects where it cannot. */
export type ReviewChunk = (files: readonly SourceInput[], run: Run) => Promise<Review>;

/**
 * @param workers each reviews one chunk at a time.
 * @returns the review of all files, as if they were one chunk.
 */
export async function reviewInChunks(
  files: readonly SourceInput[],
  workers: readonly ReviewChunk[],
  run: Run,
): Promise<Review> {
  const started = Date.now();
  const chunks: (readonly SourceInput[])[] = [];
  for (let at = 0; at < files.length; at += CHUNK) chunks.push(files.slice(at, at + CHUNK));
  const parts: Review[] = [];
  let next = 0;
  let done = 0;
  const work = async (review: ReviewChunk) => {
    for (let at = next++; at < chunks.length; at = next++) {
      if (run.cancelled?.()) return;
      const chunk = chunks[at]!;
      try {
        parts[at] = await review(chunk, {
          ...run,
          progress: (message) => run.progress?.(message, done, files.length),
        });
      } catch (error) {
        parts[at] = failed(chunk, error);
      }
      done += chunk.length;
    }
  };
  await Promise.all(workers.map(work));
  return combine(files, parts.filter(Boolean), Date.now() - started);
}

function failed(chunk: readonly SourceInput[], error: unknown): Review {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    inputs: [],
    findings: [],
    notes: chunk.map(({ path }) => ({
      message: `not checked: the analysis of the files from ${chunk[0]!.path} on failed (${reason})`,
      file: path,
      line: null,
    })),
    stats: { files: 0, functions: 0, paths: 0, configs: 0, milliseconds: 0 },
  };
}

function combine(files: readonly SourceInput[], parts: readonly Review[], milliseconds: number): Review {
  const notes = new Map<string, Note>();
  // What is true of the tree, every chunk says once more.
  for (const note of parts.flatMap((part) => part.notes)) notes.set(JSON.stringify(note), note);
  const sum = (key: 'files' | 'functions' | 'paths' | 'configs') =>
    parts.reduce((total, part) => total + part.stats[key], 0);
  return {
    inputs: files.map((file) => file.path),
    findings: parts.flatMap((part) => part.findings),
    notes: [...notes.values()],
    stats: {
      files: sum('files'),
      functions: sum('functions'),
      paths: sum('paths'),
      configs: sum('configs'),
      milliseconds,
    },
  };
}
