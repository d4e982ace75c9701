/** From what the messages hold and quote to one series: copies put together, older versions left out, order restored. */

import type { Accepted, Candidate } from './candidate.ts';
import { hunkKeys, isQuoteOf, mergeFiles, repeats, sameHunks } from './copies.ts';
import { append } from './lines.ts';
import type { Message } from './message.ts';
import { orderPatches } from './order.ts';
import type { Patch, Problem } from './series.ts';
import { Shelf } from './shelf.ts';

/** Puts the candidates of all messages together. */
export function assemble(
  candidates: readonly Candidate[],
  messages: readonly Message[],
  problems: Problem[],
): Patch[] {
  const shelf = new Shelf();
  for (const candidate of candidates) if (isWhole(candidate)) addWhole(shelf, candidate);
  for (const candidate of candidates) if (candidate.depth > 0) addQuoted(shelf, candidate, problems);
  for (const candidate of candidates) {
    if (candidate.depth === 0 && !isWhole(candidate)) addReply(shelf, candidate, problems);
  }
  const current = withoutOldVersions(shelf.accepted.map(merged), problems);
  const ordered = orderPatches(current, messages, problems);
  for (const { candidate } of ordered) append(problems, candidate.problems);
  return ordered.map(({ candidate, isProposal }) => patchOf(candidate, isProposal));
}

function patchOf(candidate: Candidate, isProposal: boolean): Patch {
  const { message, depth } = candidate;
  const { subject } = message;
  return {
    subject: subject === null || subject.title === '' ? null : subject.title,
    author: candidate.author,
    number: isProposal ? null : (subject?.number ?? null),
    total: isProposal ? null : (subject?.total ?? null),
    messageId: depth === 0 ? message.messageId : depth === 1 ? message.inReplyTo : null,
    commit: depth === 0 || message.kind === 'log' ? message.commit : null,
    description: candidate.description,
    files: candidate.files,
    inputLine: candidate.line,
  };
}

/** True for a diff that stands unquoted in a message that is no reply. */
function isWhole(candidate: Candidate): boolean {
  return candidate.depth === 0 && !(candidate.message.subject?.isReply ?? false);
}

/** The same mail may be in a mailbox twice, from two lists. */
function addWhole(shelf: Shelf, candidate: Candidate): void {
  const keys = hunkKeys(candidate.files);
  const copy = shelf.near(candidate).find(({ candidate: other }) => {
    // One mail may have several patches attached to it.
    if (other.message === candidate.message) return false;
    return isSameMail(other.message, candidate.message) && sameHunks(hunkKeys(other.files), keys);
  });
  if (copy === undefined) accept(shelf, candidate, true, false);
}

function isSameMail(a: Message, b: Message): boolean {
  if (a.messageId !== null && b.messageId !== null) return a.messageId === b.messageId;
  if (a.subject === null || b.subject === null || a.subject.title === '') return false;
  return a.subject.title === b.subject.title && a.subject.version === b.subject.version;
}

function accept(shelf: Shelf, candidate: Candidate, whole: boolean, isProposal: boolean): void {
  shelf.add({ candidate, copies: [], whole, isProposal, rank: shelf.accepted.length });
}

function addQuoted(shelf: Shelf, candidate: Candidate, problems: Problem[]): void {
  const near = shelf.near(candidate);
  const base = near.find((each) => isQuoteOf(candidate, each));
  if (base === undefined) {
    const isProposal = near.some((each) => sameTitle(each.candidate, candidate));
    if (isProposal) noteProposal(candidate, problems);
    accept(shelf, candidate, false, isProposal);
  } else if (!base.whole) addCopy(shelf, base, candidate);
}

function addCopy(shelf: Shelf, base: Accepted, candidate: Candidate): void {
  base.copies.push(candidate);
  shelf.enter(base, candidate);
}

/** Quotations of one patch put together. */
function merged({ candidate, copies, ...rest }: Accepted): Accepted {
  if (copies.length === 0) return { candidate, copies, ...rest };
  const all = [candidate, ...copies];
  const files = mergeFiles(all.map((each) => each.files));
  // What was lost in a quotation is told where something of it is used.
  const used = new Set(files.flatMap((file) => file.hunks));
  const telling = all.filter((each) =>
    each.files.some((file) => file.hunks.length === 0 || file.hunks.some((hunk) => used.has(hunk))),
  );
  const best: Candidate = {
    ...candidate,
    files,
    problems: telling.flatMap((each) => each.problems),
    description: all.find((each) => each.description.length > 0)?.description ?? [],
    author: all.find((each) => each.author !== null)?.author ?? null,
  };
  return { candidate: best, copies: [], ...rest };
}

/** An unquoted diff in a reply: the patch again (Outlook does not quote), the patch itself, or a proposal. */
function addReply(shelf: Shelf, candidate: Candidate, problems: Problem[]): void {
  const same = shelf.near(candidate).filter((each) => sameTitle(each.candidate, candidate));
  const known = same.find((each) => repeats(each.candidate.files, candidate.files));
  if (known !== undefined) {
    if (!known.whole) addCopy(shelf, known, candidate);
    return;
  }
  const isProposal = same.length > 0;
  if (isProposal) noteProposal(candidate, problems);
  accept(shelf, candidate, false, isProposal);
}

function noteProposal(candidate: Candidate, problems: Problem[]): void {
  const message = 'a reply proposes this diff; it is taken as a patch of its own behind the series';
  problems.push({ line: candidate.files[0]?.inputLine ?? candidate.line, message });
}

function sameTitle(a: Candidate, b: Candidate): boolean {
  const title = a.message.subject?.title ?? '';
  if (a.message === b.message) return true;
  return title !== '' && title === b.message.subject?.title;
}

/** Of several versions of a patch the newest is kept; the others are named. */
function withoutOldVersions(accepted: readonly Accepted[], problems: Problem[]): Accepted[] {
  const newest = new Map<string, number>();
  const title = (each: Accepted) => each.candidate.message.subject?.title.toLowerCase() ?? '';
  const version = (each: Accepted) => each.candidate.message.subject?.version ?? 1;
  const series = (each: Accepted) => `${version(each)} ${each.candidate.message.subject?.total ?? 0}`;
  const versioned = accepted.filter(
    (each) => !each.isProposal && title(each) !== '' && each.candidate.message.subject!.isPatch,
  );
  for (const each of versioned)
    newest.set(title(each), Math.max(version(each), newest.get(title(each)) ?? 0));
  const isOld = (each: Accepted) => version(each) < newest.get(title(each))!;
  // A patch that a newer version of its series dropped or renamed goes with its series.
  const oldIn = new Map<string, { old: number; all: number }>();
  for (const each of versioned) {
    const count = oldIn.get(series(each)) ?? { old: 0, all: 0 };
    count.all++;
    if (isOld(each)) count.old++;
    oldIn.set(series(each), count);
  }
  const left = new Set<Accepted>();
  for (const each of versioned) {
    const count = oldIn.get(series(each))!;
    const withSeries =
      (each.candidate.message.subject?.total ?? 0) > 1 && count.old * 2 >= count.all && count.old > 0;
    if (isOld(each) || withSeries) left.add(each);
  }
  for (const each of left) {
    const { subject } = each.candidate.message;
    const message = `version ${subject!.version} of "${subject!.title.slice(0, 120)}" is left out: a newer version of it or of its series is in the input`;
    problems.push({ line: each.candidate.line, message });
  }
  return accepted.filter((each) => !left.has(each));
}
