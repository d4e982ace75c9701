/** The patches accepted so far, found by what copies of them have in common. */
import type { Accepted, Candidate } from './candidate.ts';
import { hunkKeys } from './copies.ts';

/** How many patches with one key or title are compared with a candidate: more are no thread but an attack. */
const MAX_COMPARED = 50;

export class Shelf {
  readonly accepted: Accepted[] = [];
  private readonly index = new Map<string, Accepted[]>();

  add(accepted: Accepted): void {
    this.accepted.push(accepted);
    this.enter(accepted, accepted.candidate);
  }

  /** Lets a patch be found by what a further copy of it shows. */
  enter(accepted: Accepted, copy: Candidate): void {
    for (const key of keysOf(copy)) {
      const list = this.index.get(key) ?? [];
      if (list.length < MAX_COMPARED && !list.includes(accepted)) list.push(accepted);
      this.index.set(key, list);
    }
  }

  /** Patches that may be the same as the candidate, in the order of acceptance. */
  near(candidate: Candidate): Accepted[] {
    const found = new Set<Accepted>();
    for (const key of keysOf(candidate)) for (const each of this.index.get(key) ?? []) found.add(each);
    return this.accepted.length === found.size
      ? [...this.accepted]
      : [...found].sort((a, b) => a.rank - b.rank);
  }
}

function keysOf(candidate: Candidate): string[] {
  const { subject, messageId } = candidate.message;
  const keys = [`message ${candidate.order}`];
  if (subject !== null && subject.title !== '') keys.push(`title ${subject.title}`);
  if (messageId !== null) keys.push(`id ${messageId}`);
  for (const key of hunkKeys(candidate.files).keys()) {
    keys.push(`hunk ${key}`);
    keys.push(`numbers ${key.slice(key.indexOf('\n'))}`);
  }
  for (const file of candidate.files) {
    if (file.newBlob !== null) keys.push(`blob ${file.newPath ?? ''} ${file.newBlob.slice(0, 7)}`);
  }
  return keys;
}
