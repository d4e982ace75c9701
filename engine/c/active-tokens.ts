/** The tokens of a function that are left under one configuration. */
import type { Configuration } from './condition.ts';
import { branchTaken, type Conditionals, type Group } from './directives.ts';
import { firstAtOrBehind } from './functions.ts';
import type { Span } from './ir.ts';
import * as T from './tokens.ts';

/** Which text of a range is active. */
export interface Activity {
  /** Directive lines and inactive branches in the range, ascending and disjoint. */
  readonly blanks: readonly Span[];
  /** The branches taken, as a text: equal choices give equal blanks. */
  readonly choices: string;
}

/**
 * What a configuration leaves of `[at, end)`. A group that was opened in front of the range and goes on
 * behind it is taken to be in the branch that the range begins in.
 */
export function activityOf(
  conditionals: Conditionals,
  at: number,
  end: number,
  configuration: Configuration,
): Activity {
  const { directives, groupOf, branchOf } = conditionals;
  const first = firstAtOrBehind(directives, at);
  if (first >= directives.length || directives[first]!.at >= end) return { blanks: [], choices: '' };
  const taken = new Map<Group, number>();
  const refused = new Set<Group>();
  let choices = '';
  for (let i = first; i < directives.length && directives[i]!.at < end; i++) {
    const group = groupOf[i];
    if (!group || group.branches[0]!.directive >= first || taken.has(group)) continue;
    const choice = branchTaken(group, configuration);
    taken.set(group, choice);
    if (choice !== branchAt(group, first)) refused.add(group);
    choices += `${choice},`;
  }
  const blanks: Span[] = [];
  let from = refused.size > 0 ? at : -1;
  for (let i = first; i < directives.length && directives[i]!.at < end; i++) {
    const directive = directives[i]!;
    if (from < 0) from = directive.at;
    const group = groupOf[i];
    if (group) {
      if (i === group.last) {
        refused.delete(group);
      } else {
        const branch = branchOf[i]?.index ?? -1;
        let choice = taken.get(group);
        if (choice === undefined) {
          // Inside an inactive branch nothing depends on the choice.
          choice = refused.size > 0 ? -1 : branchTaken(group, configuration);
          if (refused.size === 0) choices += `${choice},`;
          taken.set(group, choice);
        }
        if (branch === choice) refused.delete(group);
        else refused.add(group);
      }
    }
    if (refused.size === 0) {
      blanks.push({ at: from, end: Math.min(directive.end, end) });
      from = -1;
    }
  }
  if (from >= 0) blanks.push({ at: from, end });
  return { blanks, choices };
}

/** The branch of a group that the directive with this index would stand in. */
function branchAt(group: Group, directive: number): number {
  let index = -1;
  for (const branch of group.branches) if (branch.directive < directive) index++;
  return index;
}

/** Tokens without gaps, with the partner of each bracket (-1 for none). */
export interface ActiveTokens extends T.Tokens {
  readonly partner: Int32Array;
}

const SCRATCH = T.newTokens();

/** The tokens of `[at, end)` outside `blanks`. Without `directives`, a `#` begins none: a macro's body. */
export function activeTokens(
  text: string,
  at: number,
  end: number,
  blanks: readonly Span[],
  directives = true,
): ActiveTokens {
  T.tokenise(text, at, end, SCRATCH, blanks[0]?.at === at, directives);
  const { count } = SCRATCH;
  const kinds = SCRATCH.kinds.slice(0, count + 3);
  const words = SCRATCH.words.slice(0, count + 3);
  const starts = SCRATCH.starts.slice(0, count + 3);
  const ends = SCRATCH.ends.slice(0, count + 3);
  let kept = count;
  if (blanks.length > 0) {
    kept = 0;
    let next = 0;
    for (let i = 0; i < count; i++) {
      while (next < blanks.length && blanks[next]!.end <= starts[i]!) next++;
      if (next < blanks.length && starts[i]! >= blanks[next]!.at) continue;
      kinds[kept] = kinds[i]!;
      words[kept] = words[i]!;
      starts[kept] = starts[i]!;
      ends[kept] = ends[i]!;
      kept++;
    }
  }
  for (let i = kept; i < kept + 3 && i < kinds.length; i++) {
    kinds[i] = T.END;
    words[i] = 0;
    starts[i] = end;
    ends[i] = end;
  }
  const tokens = { kinds, words, starts, ends, count: kept, directives: [], problems: [] };
  return { ...tokens, partner: matchBrackets(tokens) };
}

/** Pairs brackets; a closing bracket that does not fit skips back to the nearest opening one that does. */
export function matchBrackets(tokens: T.Tokens): Int32Array {
  const { kinds, count } = tokens;
  const partner = new Int32Array(count + 1).fill(-1);
  const stack: number[] = [];
  const open = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const kind = kinds[i]!;
    if (kind === T.PAREN_OPEN || kind === T.BRACKET_OPEN || kind === T.BRACE_OPEN) {
      stack.push(i);
      open[bracketType(kind)]!++;
    } else if (kind === T.PAREN_CLOSE || kind === T.BRACKET_CLOSE || kind === T.BRACE_CLOSE) {
      const type = bracketType(kind);
      if (open[type] === 0) continue;
      for (;;) {
        const top = stack.pop()!;
        const topType = bracketType(kinds[top]!);
        open[topType]!--;
        if (topType === type) {
          partner[top] = i;
          partner[i] = top;
          break;
        }
      }
    }
  }
  return partner;
}

function bracketType(kind: number): 0 | 1 | 2 {
  if (kind === T.PAREN_OPEN || kind === T.PAREN_CLOSE) return 0;
  return kind === T.BRACKET_OPEN || kind === T.BRACKET_CLOSE ? 1 : 2;
}
