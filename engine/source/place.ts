/** Finding where a hunk belongs in a file, with the fuzz and offset that `git apply` and `patch` allow. */
import type { Hunk } from '../patch/series.ts';
import { isTelling, type Level, leadOf, lineKey } from './line-key.ts';
import { placeWithGaps } from './place-gaps.ts';

/** How a hunk was made to fit, from best to worst. */
export type Fit = 'exact' | 'fuzz' | 'whitespace' | 'gaps';

export interface Placement {
  readonly hunk: Hunk;
  /** 0-based index of the first line that the hunk covers; the place of insertion where it covers none. */
  readonly start: number;
  /** One past the last line that it covers. */
  readonly end: number;
  /** Parallel to `hunk.lines`: the index of the line that a context or removed line stands for, or -1. */
  readonly at: readonly number[];
  readonly fit: Fit;
  /** Lines of context that had to be ignored at the ends. */
  readonly fuzz: number;
  /** Lines between the place that the `@@` line names and this one; 0 where it names none. */
  readonly offset: number;
  /** In how many places the hunk would have fitted as well, where no line number tells them apart; else 1. */
  readonly candidates: number;
}

/** `patch` gives up beyond this many lines of ignored context. */
const MAX_FUZZ = 2;
/** How far up the line that an `@@` line names is looked for. */
const SECTION_REACH = 3000;
/** How far from its stated place a hunk without context is put. */
const BARE_REACH = 400;

/** The lines to place hunks in, with what makes repeated searches cheap. */
export interface SearchText {
  readonly count: number;
  /** The form in which lines are compared: as they are, or without any white space. */
  keys(level: Level): readonly string[];
  has(level: Level, key: string): boolean;
  /** Line comparisons left before the search gives up, shared by all files of a series. */
  readonly budget: { left: number };
}

/** Prepares lines for searching. @param hasReturns whether a line may end in a carriage return. */
export function searchText(
  lines: readonly string[],
  hasReturns: boolean,
  budget: { left: number },
): SearchText {
  const keys: Partial<Record<Level, readonly string[]>> = {};
  const sets: Partial<Record<Level, ReadonlySet<string>>> = {};
  const keysAt = (level: Level) => {
    keys[level] ??= level === 'exact' && !hasReturns ? lines : lines.map((line) => lineKey(line, level));
    return keys[level];
  };
  return {
    count: lines.length,
    keys: keysAt,
    has(level, key) {
      sets[level] ??= new Set(keysAt(level));
      return sets[level].has(key);
    },
    budget,
  };
}

/**
 * Where the hunk fits, or null. It must not overlap a line for which `isFree` is false.
 * @param drift how far the hunk before lay from its stated place: the first guess for this one.
 * @param from index of the first line after the hunk before.
 */
export function placeHunk(
  text: SearchText,
  hunk: Hunk,
  drift: number,
  from: number,
  isFree: (start: number, end: number) => boolean,
): Placement | null {
  const wanted = new Wanted(hunk);
  const stated = statedIndex(hunk);
  if (wanted.old.length === 0 && hunk.oldCount > 0) return placeBare(text, wanted, drift, isFree);
  if (wanted.old.length === 0) {
    const start = stated === null ? (text.count === 0 ? 0 : null) : Math.min(stated + drift, text.count);
    if (start === null || start < 0 || !isFree(start, start)) return null;
    return placement(wanted, 'exact', start, 0, 0, 0, 1);
  }
  const guess = stated === null ? null : stated + drift;
  const attempt = (level: Level, fuzz: number): Placement | null => {
    const found = search(text, wanted, level, fuzz, guess, from, isFree);
    if (found === null) return null;
    const fit = level === 'whitespace' ? 'whitespace' : fuzz > 0 ? 'fuzz' : 'exact';
    const offset = stated === null ? 0 : found.start - stated;
    return placement(wanted, fit, found.start, found.low, found.high, offset, found.candidates);
  };
  const most = Math.min(MAX_FUZZ, wanted.context);
  if (hunk.fidelity === 'partial') {
    const whole =
      attempt('exact', 0) ?? attempt('whitespace', 0) ?? withGaps(text, wanted, guess, from, isFree);
    if (whole !== null) return whole;
  }
  for (const level of ['exact', 'whitespace'] as const) {
    for (let fuzz = 0; fuzz <= most; fuzz++) {
      const found = attempt(level, fuzz);
      if (found !== null) return found;
    }
  }
  return null;
}

function withGaps(
  text: SearchText,
  wanted: Wanted,
  guess: number | null,
  from: number,
  isFree: (start: number, end: number) => boolean,
): Placement | null {
  const { hunk } = wanted;
  for (const level of ['exact', 'whitespace'] as const) {
    if (!wanted.keys(level).every((key) => text.has(level, key))) continue;
    const found = placeWithGaps(text.keys(level), wanted.keys(level), hunk, guess, from, isFree, text.budget);
    if (found === null) continue;
    const at: number[] = [];
    let next = 0;
    for (const line of hunk.lines) at.push(line.kind === 'added' ? -1 : found[next++]!);
    const start = found[0]!;
    const offset = hunk.oldStart === null ? 0 : start - statedIndex(hunk)!;
    return {
      hunk,
      start,
      end: found[found.length - 1]! + 1,
      at,
      fit: 'gaps',
      fuzz: 0,
      offset,
      candidates: 1,
    };
  }
  return null;
}

/**
 * A hunk whose context is all lost can still be placed if it adds whole functions or declarations: at the boundary
 * between two others that is nearest to where it says, behind the function that its `@@` line names.
 */
function placeBare(
  text: SearchText,
  wanted: Wanted,
  drift: number,
  isFree: (start: number, end: number) => boolean,
): Placement | null {
  const { hunk } = wanted;
  const stated = statedIndex(hunk);
  const first = hunk.lines.find((line) => isTelling(line.text))?.text ?? '';
  if (stated === null || first === '' || leadOf(first) !== '') return null;
  const keys = text.keys('exact');
  const guess = Math.min(Math.max(0, stated + drift + Math.min(3, hunk.oldCount >> 1)), keys.length);
  const section = lineKey(hunk.section, 'whitespace');
  let from = guess;
  if (section !== '') {
    const squeezed = text.keys('whitespace');
    for (let away = 0; away <= SECTION_REACH; away++) {
      if (squeezed[guess - away]?.startsWith(section) === true) from = guess - away;
      else if (squeezed[guess + away]?.startsWith(section) === true) from = guess + away;
      else continue;
      for (let i = from + 1; i <= Math.min(keys.length, from + SECTION_REACH); i++) {
        if (isBoundary(keys, i) && isFree(i, i)) return placement(wanted, 'gaps', i, 0, 0, i - stated, 1);
      }
      break;
    }
  }
  for (let away = 0; away <= BARE_REACH; away++) {
    for (const i of [guess + away, guess - away]) {
      if (i >= 0 && i <= keys.length && isBoundary(keys, i) && isFree(i, i)) {
        return placement(wanted, 'gaps', i, 0, 0, i - stated, 1);
      }
    }
  }
  return null;
}

/** Whether something at file scope ends on the line before `index`, a blank line between allowed. */
function isBoundary(keys: readonly string[], index: number): boolean {
  const before = keys[index - 1] === '' ? keys[index - 2] : keys[index - 1];
  if (before === undefined) return true;
  if (before.startsWith('}')) return true;
  return before !== '' && leadOf(before) === '' && (before.endsWith(';') || before.startsWith('#endif'));
}

/** The 0-based index at which the `@@` line says that the hunk's old side begins, or null. */
export function statedIndex(hunk: Hunk): number | null {
  if (hunk.oldStart === null) return null;
  return hunk.oldCount === 0 ? hunk.oldStart : Math.max(0, hunk.oldStart - 1);
}

/** The old side of a hunk: what has to be found. */
class Wanted {
  readonly old: readonly string[];
  /** Lines of context before the first and after the last change, and the larger of the two. */
  readonly leading: number;
  readonly trailing: number;
  readonly context: number;
  readonly #keys: Partial<Record<Level, readonly string[]>> = {};

  constructor(readonly hunk: Hunk) {
    const { lines } = hunk;
    this.old = lines.filter((line) => line.kind !== 'added').map((line) => line.text);
    let leading = 0;
    while (leading < lines.length && lines[leading]!.kind === 'context') leading++;
    let trailing = 0;
    while (trailing < lines.length - leading && lines[lines.length - 1 - trailing]!.kind === 'context')
      trailing++;
    this.leading = leading;
    this.trailing = trailing;
    this.context = Math.max(leading, trailing);
  }

  keys(level: Level): readonly string[] {
    this.#keys[level] ??= this.old.map((line) => lineKey(line, level));
    return this.#keys[level];
  }
}

interface Found {
  /** Index that the hunk's first old line falls on, ignored context included. */
  readonly start: number;
  /** Old lines ignored at the beginning and at the end. */
  readonly low: number;
  readonly high: number;
  readonly candidates: number;
}

function search(
  text: SearchText,
  wanted: Wanted,
  level: Level,
  fuzz: number,
  guess: number | null,
  from: number,
  isFree: (start: number, end: number) => boolean,
): Found | null {
  // As `patch` does it: the side with less context gives up its lines later.
  const low = Math.max(0, fuzz + wanted.leading - wanted.context);
  const high = Math.max(0, fuzz + wanted.trailing - wanted.context);
  const want = wanted.keys(level).slice(low, wanted.old.length - high);
  if (want.length === 0) return null;
  const keys = text.keys(level);
  const fits = (index: number) => isFree(index, index + want.length);
  if (guess !== null) {
    const index = guess + low;
    if (matchesAt(keys, want, index) && fits(index)) return { start: guess, low, high, candidates: 1 };
  }
  // Blank lines and lone braces fit anywhere: without one line that says something, only the stated place counts.
  if ((fuzz > 0 || level === 'whitespace') && !want.some(isTelling)) return null;
  if (!want.every((key) => text.has(level, key))) return null;
  if (text.budget.left <= 0) return null;
  text.budget.left -= keys.length + want.length;
  const all = findAll(keys, want);
  text.budget.left -= all.length;
  const matches = all.filter(fits);
  if (matches.length === 0) return null;
  if (guess !== null) {
    return { start: nearest(matches, guess + low, from) - low, low, high, candidates: 1 };
  }
  const named = matches.filter((index) => followsSection(text, index, wanted.hunk.section));
  const best = named.length > 0 ? named : matches;
  const after = best.find((index) => index >= from) ?? best[0]!;
  return { start: after - low, low, high, candidates: best.length };
}

function matchesAt(keys: readonly string[], want: readonly string[], index: number): boolean {
  if (index < 0 || index + want.length > keys.length) return false;
  for (let i = 0; i < want.length; i++) if (keys[index + i] !== want[i]) return false;
  return true;
}

/** Every place where `want` occurs in `keys` (Knuth, Morris and Pratt: linear whatever the text). */
export function findAll(keys: readonly string[], want: readonly string[]): number[] {
  const border = new Int32Array(want.length);
  for (let i = 1, k = 0; i < want.length; i++) {
    while (k > 0 && want[i] !== want[k]) k = border[k - 1]!;
    if (want[i] === want[k]) k++;
    border[i] = k;
  }
  const found: number[] = [];
  for (let i = 0, k = 0; i < keys.length; i++) {
    while (k > 0 && keys[i] !== want[k]) k = border[k - 1]!;
    if (keys[i] === want[k]) k++;
    if (k === want.length) {
      found.push(i - k + 1);
      k = border[k - 1]!;
    }
  }
  return found;
}

/** The match nearest to `guess`, one behind it winning a tie; those before `from` only where there is no other. */
function nearest(matches: readonly number[], guess: number, from: number): number {
  const later = matches.filter((index) => index >= from);
  let best = -1;
  for (const index of later.length > 0 ? later : matches) {
    const distance = Math.abs(index - guess);
    if (
      best < 0 ||
      distance < Math.abs(best - guess) ||
      (distance === Math.abs(best - guess) && index > guess)
    ) {
      best = index;
    }
  }
  return best;
}

/** Whether the line that the `@@` line quotes stands above. Git quotes the start of the line, at most 80 bytes. */
function followsSection(text: SearchText, index: number, section: string): boolean {
  const key = lineKey(section, 'whitespace');
  if (key === '') return false;
  const keys = text.keys('whitespace');
  for (let i = index - 1; i >= 0 && i >= index - SECTION_REACH; i--) {
    if (keys[i]!.startsWith(key)) return true;
  }
  return false;
}

function placement(
  wanted: Wanted,
  fit: Fit,
  start: number,
  low: number,
  high: number,
  offset: number,
  candidates: number,
): Placement {
  const at: number[] = [];
  const count = wanted.old.length;
  let next = 0;
  for (const line of wanted.hunk.lines) {
    if (line.kind === 'added') {
      at.push(-1);
    } else {
      at.push(next >= low && next < count - high ? start + next : -1);
      next++;
    }
  }
  const fuzz = Math.max(low, high);
  return {
    hunk: wanted.hunk,
    start: start + low,
    end: start + count - high,
    at,
    fit,
    fuzz,
    offset,
    candidates,
  };
}
