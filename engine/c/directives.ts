/** The `#if` groups of a file: which branch an offset is in, and under which condition. */
import { type Condition, type Configuration, TRUE } from './condition.ts';
import { and, evaluate, negate } from './conditions.ts';
import type { Span } from './ir.ts';
import { definedTest, parseCondition } from './parse-condition.ts';
import type { Directive } from './tokens.ts';

/** Deeper nesting, and longer `#elif` chains, are read with a condition that leaves the excess out. */
const MAX_NESTING = 64;
const MAX_BRANCHES = 24;

/** One branch of a group: from behind its own line to the line of the next. */
export interface Branch {
  /** Index of its line in the list of directives. */
  readonly directive: number;
  /** The test on its own line; TRUE for `#else`. */
  readonly test: Condition;
  /** Its place among the branches of its group. */
  readonly index: number;
}

/** `#if … #elif … #else … #endif`. */
export interface Group {
  readonly branches: Branch[];
  /** Index of the group's `#endif`, or of the last directive + 1 when there is none. */
  last: number;
  readonly parent: Group | null;
  hasElse: boolean;
}

export interface Conditionals {
  readonly directives: readonly Directive[];
  /** For each directive the group it opens, continues or closes, else null. */
  readonly groupOf: readonly (Group | null)[];
  /** For each directive the branch that it begins, else null. */
  readonly branchOf: readonly (Branch | null)[];
  readonly groups: readonly Group[];
  /** Offsets from which `conditions` hold, ascending. */
  readonly regionAt: readonly number[];
  readonly regionCondition: readonly Condition[];
  readonly problems: readonly (Span & { readonly message: string })[];
}

interface Frame {
  readonly group: Group;
  readonly outer: Condition;
  /** Negations of the tests so far. */
  readonly refused: Condition[];
}

/** Where a new piece of a fragment begins: with which directive, and at which offset. */
export interface Break {
  readonly directive: number;
  readonly at: number;
}

/**
 * Reads the conditional directives of a file. `tokenCount` is needed to know an include guard. At a break, groups
 * that are open end: what was between is not known.
 */
export function readConditionals(
  text: string,
  directives: readonly Directive[],
  tokenCount: number,
  breaks: readonly Break[] = [],
): Conditionals {
  const guard = includeGuard(text, directives, tokenCount);
  const groupOf: (Group | null)[] = new Array(directives.length).fill(null);
  const branchOf: (Branch | null)[] = new Array(directives.length).fill(null);
  const groups: Group[] = [];
  const regionAt: number[] = [];
  const regionCondition: Condition[] = [];
  const problems: (Span & { message: string })[] = [];
  const frames: Frame[] = [];
  const texts = new Map<string, Condition>();
  let current: Condition = TRUE;
  const enter = (at: number, condition: Condition) => {
    current = condition;
    regionAt.push(at);
    regionCondition.push(condition);
  };
  let nextBreak = 0;
  for (const [index, directive] of directives.entries()) {
    const { kind } = directive;
    while (nextBreak < breaks.length && breaks[nextBreak]!.directive <= index) {
      for (const { group } of frames) group.last = index;
      if (frames.length > 0) enter(breaks[nextBreak]!.at, TRUE);
      frames.length = 0;
      nextBreak++;
    }
    if (kind === 'if' || kind === 'ifdef' || kind === 'ifndef') {
      const own = index === guard ? TRUE : testOf(text, directive, texts);
      const group: Group = {
        branches: [{ directive: index, test: own, index: 0 }],
        last: directives.length,
        parent: frames.at(-1)?.group ?? null,
        hasElse: false,
      };
      groups.push(group);
      groupOf[index] = group;
      branchOf[index] = group.branches[0]!;
      frames.push({ group, outer: current, refused: [negate(own)] });
      enter(directive.end, frames.length > MAX_NESTING ? current : and(current, own));
      continue;
    }
    const frame = frames.at(-1);
    const isElse = kind === 'else';
    if (isElse || kind === 'elif' || kind === 'elifdef' || kind === 'elifndef') {
      if (frame === undefined || frame.group.hasElse) {
        problems.push({ at: directive.at, end: directive.end, message: `#${kind} without #if` });
        continue;
      }
      const own = isElse ? TRUE : testOf(text, directive, texts);
      const branch = { directive: index, test: own, index: frame.group.branches.length };
      frame.group.branches.push(branch);
      branchOf[index] = branch;
      frame.group.hasElse = isElse;
      groupOf[index] = frame.group;
      const deep = frames.length > MAX_NESTING;
      enter(directive.end, deep ? frame.outer : and(frame.outer, ...frame.refused, own));
      if (frame.refused.length < MAX_BRANCHES) frame.refused.push(negate(own));
    } else if (kind === 'endif') {
      if (frame === undefined) {
        problems.push({ at: directive.at, end: directive.end, message: '#endif without #if' });
        continue;
      }
      frames.pop();
      frame.group.last = index;
      groupOf[index] = frame.group;
      enter(directive.end, frame.outer);
    }
  }
  for (const { group } of frames) {
    const directive = directives[group.branches[0]!.directive]!;
    problems.push({ at: directive.at, end: directive.end, message: '#if without #endif' });
  }
  return { directives, groupOf, branchOf, groups, regionAt, regionCondition, problems };
}

function testOf(text: string, directive: Directive, texts: Map<string, Condition>): Condition {
  const argument = text.slice(directive.argument, directive.end);
  const key = `${directive.kind} ${argument}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const { kind } = directive;
  let test: Condition;
  if (kind === 'if' || kind === 'elif') {
    test = parseCondition(argument);
  } else {
    const name = firstWord(argument);
    test = name === '' ? { kind: 'opaque', text: argument.trim() } : definedTest(name);
    if (kind === 'ifndef' || kind === 'elifndef') test = negate(test);
  }
  texts.set(key, test);
  return test;
}

/** The word that a text begins with after blanks, or ''. */
export function firstWord(text: string): string {
  return /^\s*([\w$]*)/.exec(text)![1]!;
}

/** The directive `#ifndef NAME` that wraps the whole file together with `#define NAME`, or -1. */
function includeGuard(text: string, directives: readonly Directive[], tokenCount: number): number {
  const first = directives.findIndex((d) => d.kind !== 'other');
  const opener = directives[first];
  const definition = directives[first + 1];
  const last = directives.findLast((d) => d.kind !== 'other');
  if (opener?.kind !== 'ifndef' || definition?.kind !== 'define' || last?.kind !== 'endif') return -1;
  if (opener.token !== 0 || last.token !== tokenCount) return -1;
  const name = firstWord(text.slice(opener.argument, opener.end));
  if (name === '' || name.startsWith('CONFIG_')) return -1;
  if (name !== firstWord(text.slice(definition.argument, definition.end))) return -1;
  let depth = 0;
  for (const [index, directive] of directives.entries()) {
    if (directive.kind === 'if' || directive.kind === 'ifdef' || directive.kind === 'ifndef') depth++;
    else if (directive.kind === 'endif' && --depth === 0) return directives[index] === last ? first : -1;
    else if (depth === 1 && directive.kind.startsWith('el')) return -1;
  }
  return -1;
}

/** The condition of the `#if`s around an offset. */
export function conditionAt(conditionals: Conditionals, offset: number): Condition {
  const { regionAt, regionCondition } = conditionals;
  const index = upperBound(regionAt, offset) - 1;
  return index < 0 ? TRUE : regionCondition[index]!;
}

/** The index of the first element that is greater than `value` in an ascending list. */
export function upperBound(list: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Which branch of a group a configuration takes: its index, or -1 for none. */
export function branchTaken(group: Group, configuration: Configuration): number {
  return group.branches.findIndex((branch) => evaluate(branch.test, configuration));
}
