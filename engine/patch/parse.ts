/** The way from an input to a series. */
import { assemble } from './assemble.ts';
import type { Candidate } from './candidate.ts';
import { readCandidates } from './candidates.ts';
import { describeInput } from './detect.ts';
import type { Budget } from './files.ts';
import { invisibleCharacters, visible } from './invisible.ts';
import { MAX_FILES, MAX_HUNKS, MAX_PROBLEMS } from './limits.ts';
import { append, splitLines } from './lines.ts';
import { readMessages } from './messages.ts';
import type { Parsed, Patch, Problem, Series } from './series.ts';

/**
 * Reads a patch, a mailbox, a saved mail or page, or a thread with quoted patches, as it arrives. Any text is
 * taken: what was lost or could not be read is in `problems`, sorted by line; a text without any patch gives an
 * empty series and a problem that says what the text looks like. Asynchronous so that callers need not change
 * when a decoder that is asynchronous by nature is put in.
 */
export async function parseSeries(text: string): Promise<Parsed<Series>> {
  const problems: Problem[] = [];
  const lines = splitLines(text, problems);
  const messages = readMessages(lines, problems);
  const budget: Budget = { files: MAX_FILES, hunks: MAX_HUNKS };
  const candidates: Candidate[] = [];
  for (const [order, message] of messages.entries())
    append(candidates, readCandidates(message, order, budget, problems));
  const used = candidates.filter((candidate) => candidate.files.length > 0);
  for (const candidate of candidates) if (candidate.files.length === 0) append(problems, candidate.problems);
  const patches = assemble(used, messages, problems);
  for (const patch of patches) checkSubject(patch, problems);
  if (patches.length === 0) problems.push(describeInput(text, lines, messages));
  return { value: { patches }, problems: tidy(problems) };
}

function checkSubject(patch: Patch, problems: Problem[]): void {
  const found = patch.subject === null ? [] : invisibleCharacters(patch.subject);
  if (found.length === 0) return;
  const message = `the subject "${visible(patch.subject!)}" holds bidirectional or invisible characters (${found.join(', ')})`;
  problems.push({ line: patch.inputLine, message });
}

/** Sorted by line, each once, and no more than a person would read. */
function tidy(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  const once = problems.filter(({ line, message }) => {
    const key = `${line} ${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  once.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (once.length <= MAX_PROBLEMS) return once;
  const rest = once.length - MAX_PROBLEMS;
  return [
    ...once.slice(0, MAX_PROBLEMS),
    { line: null, message: `${rest} more problems of this input are not listed` },
  ];
}
