/** The order of application: the numbers of `[PATCH n/m]`, and for logs the history. */

import type { Accepted } from './candidate.ts';
import { append } from './lines.ts';
import type { Message } from './message.ts';
import type { Problem } from './series.ts';

interface Group {
  readonly key: string;
  readonly root: string | null;
  readonly total: number | null;
  readonly members: Accepted[];
  readonly numbers: Set<number>;
}

/** Sorts patches: series one behind the other in the order of the input, each by its numbers, proposals at the end. */
export function orderPatches(
  accepted: readonly Accepted[],
  messages: readonly Message[],
  problems: Problem[],
): Accepted[] {
  const roots = threadRoots(messages);
  const inInput = [...accepted].sort(
    (a, b) => a.candidate.order - b.candidate.order || a.candidate.line - b.candidate.line,
  );
  const groups: Group[] = [];
  const proposals: Accepted[] = [];
  for (const each of inInput) {
    if (each.isProposal) proposals.push(each);
    else groupFor(groups, each, roots).members.push(each);
  }
  const result: Accepted[] = [];
  for (const group of groups) {
    group.members.sort((a, b) => numberOf(a) - numberOf(b));
    reportGaps(group, problems);
    append(result, group.members);
  }
  return [...inHistory(result), ...proposals];
}

function numberOf(each: Accepted): number {
  return each.candidate.message.subject?.number ?? 0;
}

function groupFor(groups: Group[], each: Accepted, roots: ReadonlyMap<string, string>): Group {
  const { subject, messageId, inReplyTo } = each.candidate.message;
  const total = subject?.number === null ? null : (subject?.total ?? null);
  const number = subject?.number ?? null;
  const id = inReplyTo ?? messageId;
  const root = id === null ? null : (roots.get(id) ?? id);
  const key = `${subject?.version ?? 1}/${total ?? ''}`;
  if (total !== null && number !== null) {
    const fitting = groups.filter((group) => group.key === key && !group.numbers.has(number));
    const found = fitting.find((group) => group.root === root) ?? fitting[0];
    if (found !== undefined) {
      found.numbers.add(number);
      return found;
    }
  }
  const group: Group = { key, root, total, members: [], numbers: new Set(number === null ? [] : [number]) };
  groups.push(group);
  return group;
}

/** For each message id the id at the root of its thread, as far as the input shows it. */
function threadRoots(messages: readonly Message[]): Map<string, string> {
  const parents = new Map<string, string>();
  for (const { messageId, inReplyTo } of messages) {
    if (messageId !== null && inReplyTo !== null) parents.set(messageId, inReplyTo);
  }
  const roots = new Map<string, string>();
  for (const start of parents.keys()) {
    const path: string[] = [];
    const seen = new Set<string>();
    let id = start;
    while (!seen.has(id) && !roots.has(id)) {
      seen.add(id);
      path.push(id);
      const parent = parents.get(id);
      if (parent === undefined) break;
      id = parent;
    }
    const root = roots.get(id) ?? id;
    for (const each of path) roots.set(each, root);
  }
  return roots;
}

function reportGaps(group: Group, problems: Problem[]): void {
  const { total, members, numbers } = group;
  if (total === null || members.length < 2 || total > 10_000 || !members.every((each) => each.whole)) return;
  const missing: number[] = [];
  for (let number = 1; number <= total; number++) if (!numbers.has(number)) missing.push(number);
  if (missing.length === 0) return;
  const list = missing.slice(0, 20).join(', ') + (missing.length > 20 ? ', ...' : '');
  const message = `of the ${total} patches of this series, ${missing.length === 1 ? 'number' : 'numbers'} ${list} ${missing.length === 1 ? 'is' : 'are'} not in the input`;
  problems.push({ line: members[0]!.candidate.line, message });
}

/** `git log` lists the newest commit first; the hashes of the blobs tell, and where they do not, the dates. */
function inHistory(patches: readonly Accepted[]): Accepted[] {
  const isLog =
    patches.length > 1 && patches.every((each) => each.candidate.message.kind === 'log' && each.whole);
  if (!isLog) return [...patches];
  let forwards = 0;
  let backwards = 0;
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  for (const each of patches) {
    for (const file of each.candidate.files) {
      const path = file.newPath ?? file.oldPath ?? '';
      if (file.oldBlob !== null && after.get(path) === file.oldBlob) forwards++;
      if (file.newBlob !== null && before.get(path) === file.newBlob) backwards++;
      if (file.newBlob !== null) after.set(path, file.newBlob);
      if (file.oldBlob !== null) before.set(path, file.oldBlob);
    }
  }
  const first = patches[0]!.candidate.message.date;
  const last = patches.at(-1)!.candidate.message.date;
  const newestFirst =
    forwards === backwards ? first === null || last === null || first >= last : backwards > forwards;
  return newestFirst ? [...patches].reverse() : [...patches];
}
