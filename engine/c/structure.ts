/**
 * The top level of a file by tokens and brace depth: where each declaration and definition begins and ends.
 *
 * `#if` groups are walked through all their branches as long as each branch is balanced in itself. Where
 * braces or a signature are split over branches, the file is walked once for each choice of branches that
 * matters, and what the walks find is put together.
 */
import { symbolsOf } from './conditions.ts';
import { configurationSpace } from './configuration-space.ts';
import { type Declarator, findDeclarator } from './declarators.ts';
import { branchTaken, type Conditionals, type Group } from './directives.ts';
import * as T from './tokens.ts';
import * as W from './words.ts';

export interface Scan {
  readonly text: string;
  readonly tokens: T.Tokens;
  readonly conditionals: Conditionals;
}

/** One thing at the top level, as token indices. */
export interface Item {
  readonly from: number;
  /** Behind the last token. */
  readonly to: number;
  /** The first `{` outside parentheses and its `}`; -1 without one. */
  readonly open: number;
  readonly close: number;
  /** For a definition of a function, its name and parameters. */
  readonly declarator: Declarator | null;
  /** Whether an `=` stands in front of `open`. */
  readonly assigned: boolean;
  /** Whether the text ended before the body did. */
  readonly cut: boolean;
}

/** How to walk a group: through all branches, or only through the one with this index (-1: none). */
const ALL = -2;
type Policy = ReadonlyMap<Group, number>;

/** At most this many walks are made over a file whose braces are split over branches. */
const WALK_LIMIT = 16;

/** Finds the items of a file, in order of their first token. */
export function findItems(scan: Scan): { readonly items: readonly Item[]; readonly balanced: boolean } {
  const base = basePolicy(scan);
  const split = new Set(base.split);
  let items = walk(scan, base.policy, !base.balanced);
  for (const item of items) collectSplit(scan, item, split);
  if (split.size > 0) items = walkConfigurations(scan, base.policy, split, !base.balanced);
  return { items, balanced: base.balanced };
}

/** Defined by the compiler driver for assembly alone: what depends on them is no C. */
const ASSEMBLY = ['__ASSEMBLY__', '__ASSEMBLER__'];

/** From how the braces and parentheses of each branch add up, how to walk its group. */
function basePolicy(scan: Scan): { policy: Policy; split: Set<Group>; balanced: boolean } {
  const { tokens, conditionals } = scan;
  const { directives, groupOf } = conditionals;
  const policy = new Map<Group, number>();
  const split = new Set<Group>();
  for (const group of conditionals.groups) {
    if (!symbolsOf(group.branches[0]!.test).some((symbol) => ASSEMBLY.includes(symbol))) continue;
    policy.set(group, branchTaken(group, { values: new Map(), fallback: 'y' }));
  }
  const open: {
    group: Group;
    sums: number[];
    parens: number[];
    at: number;
    parenAt: number;
    depth: number;
  }[] = [];
  const { kinds, count } = tokens;
  let depth = 0;
  let paren = 0;
  let lowest = 0;
  let next = 0;
  for (let i = 0; i <= count; i++) {
    while (next < directives.length && directives[next]!.token <= i) {
      const group = groupOf[next];
      if (group) {
        if (group.branches[0]!.directive === next) {
          open.push({ group, sums: [], parens: [], at: depth, parenAt: paren, depth });
        } else {
          const frame = open.at(-1)!;
          frame.sums.push(depth - frame.at);
          frame.parens.push(paren - frame.parenAt);
          if (next === group.last) {
            open.pop();
            const uneven = settle(frame, policy);
            if (uneven) split.add(group);
            depth = frame.depth + frame.sums[0]!;
            paren = frame.parenAt + frame.parens[0]!;
          } else {
            depth = frame.at;
            paren = frame.parenAt;
          }
        }
      }
      next++;
    }
    const kind = kinds[i]!;
    if (kind === T.BRACE_OPEN) depth++;
    else if (kind === T.BRACE_CLOSE) {
      depth--;
      if (depth < lowest) lowest = depth;
    } else if (kind === T.PAREN_OPEN) paren++;
    else if (kind === T.PAREN_CLOSE) paren--;
  }
  return { policy, split, balanced: split.size > 0 || (depth === 0 && lowest === 0) };
}

function settle(
  frame: { group: Group; sums: readonly number[]; parens: readonly number[]; depth: number },
  policy: Map<Group, number>,
): boolean {
  const { group, sums, parens } = frame;
  if (policy.has(group)) return false;
  // Inside a body only braces decide where the body ends.
  const considered = frame.depth > 0 ? [sums] : [sums, parens];
  if (considered.every((list) => list.every((sum) => sum === 0))) return false;
  policy.set(group, 0);
  return !group.hasElse || considered.some((list) => list.some((sum) => sum !== list[0]));
}

/** Adds the groups that an item's signature or extent cuts through. */
function collectSplit(scan: Scan, item: Item, split: Set<Group>): void {
  if (item.declarator === null) return;
  const { tokens, conditionals } = scan;
  const { directives, groupOf } = conditionals;
  let index = firstDirectiveBehind(directives, item.from);
  let nesting = 0;
  // Depth of parentheses in the signature, up to where it has been looked at.
  const paren = { at: item.from, depth: 0 };
  const inside: Group[] = [];
  for (; index < directives.length && directives[index]!.token < item.to; index++) {
    const group = groupOf[index];
    if (!group) continue;
    if (group.branches[0]!.directive === index) {
      nesting++;
      inside.push(group);
      if (directives[index]!.token <= item.open && isAlternative(scan, group, paren)) split.add(group);
    } else if (nesting === 0) {
      split.add(group);
    } else if (group.last === index) {
      nesting--;
      inside.pop();
    }
  }
  // The last directive may stand in front of the item's end and open a group that goes on behind it.
  for (const group of inside) {
    if ((directives[group.last]?.token ?? tokens.count + 1) >= item.to) split.add(group);
  }
}

/** Whether two branches of a group in a signature (outside the parameters) both have tokens. */
function isAlternative(scan: Scan, group: Group, paren: { at: number; depth: number }): boolean {
  const { directives } = scan.conditionals;
  const start = directives[group.branches[0]!.directive]!.token;
  for (; paren.at < start; paren.at++) {
    if (scan.tokens.kinds[paren.at] === T.PAREN_OPEN) paren.depth++;
    else if (scan.tokens.kinds[paren.at] === T.PAREN_CLOSE) paren.depth--;
  }
  if (paren.depth > 0) return false;
  let filled = 0;
  for (const [k, branch] of group.branches.entries()) {
    const nextIndex = group.branches[k + 1]?.directive ?? group.last;
    const to = directives[nextIndex]?.token ?? scan.tokens.count;
    if (to > directives[branch.directive]!.token) filled++;
  }
  return filled > 1;
}

function firstDirectiveBehind(directives: readonly T.Directive[], token: number): number {
  let low = 0;
  let high = directives.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (directives[middle]!.token <= token) low = middle + 1;
    else high = middle;
  }
  return low;
}

function walkConfigurations(scan: Scan, base: Policy, split: ReadonlySet<Group>, columns: boolean): Item[] {
  const symbols = new Set<string>();
  for (const group of split) {
    for (const branch of group.branches) for (const symbol of symbolsOf(branch.test)) symbols.add(symbol);
  }
  const space = configurationSpace([...symbols], { values: new Map(), fallback: 'n' }, WALK_LIMIT);
  const functions = new Map<number, { from: number; ends: Map<number, { votes: number; item: Item }> }>();
  const others = new Map<number, Item>();
  const seen = new Set<string>();
  for (const configuration of space.configurations) {
    const policy = new Map(base);
    for (const group of split) policy.set(group, branchTaken(group, configuration));
    const key = [...policy.values()].join();
    if (seen.has(key)) continue;
    seen.add(key);
    for (const item of walk(scan, policy, columns)) {
      if (item.declarator === null) {
        if (!others.has(item.from)) others.set(item.from, item);
        continue;
      }
      const known = functions.get(item.declarator.name) ?? { from: item.from, ends: new Map() };
      functions.set(item.declarator.name, known);
      known.from = Math.min(known.from, item.from);
      const vote = known.ends.get(item.to) ?? { votes: 0, item };
      vote.votes++;
      known.ends.set(item.to, vote);
    }
  }
  const items: Item[] = [...others.values()];
  for (const { from, ends } of functions.values()) {
    let best: { votes: number; item: Item } | null = null;
    for (const vote of ends.values()) if (best === null || vote.votes > best.votes) best = vote;
    items.push({ ...best!.item, from });
  }
  return items.sort((a, b) => a.from - b.from || a.to - b.to || a.open - b.open);
}

/** One walk over the tokens. `columns`: braces do not add up, so a `}` in column 0 ends any body. */
function walk(scan: Scan, policy: Policy, columns: boolean): Item[] {
  const { text, tokens, conditionals } = scan;
  const { kinds, words, starts, ends, count } = tokens;
  const { directives, groupOf } = conditionals;
  const items: Item[] = [];
  let from = 0;
  let open = -1;
  let close = -1;
  let paren = 0;
  let assigned = false;
  /** Whether something that may have braces of its own follows `close`: `struct x { … } y = { … }`. */
  let continued = false;
  /** Where the parentheses that were opened last begin. */
  let group = -1;
  /** Tokens of branches that were not walked, since the item began. */
  let skips: [number, number][] = [];
  let next = 0;
  let i = 0;

  /** Takes note of the directives in front of token `i`; returns where to go on, `i` itself or a later token. */
  const pass = (): number => {
    while (next < directives.length && directives[next]!.token <= i) {
      const group = groupOf[next];
      const choice = group ? (policy.get(group) ?? ALL) : ALL;
      if (group && choice !== ALL && next !== group.last) {
        const chosen = group.branches[choice]?.directive ?? -1;
        if (chosen !== next) {
          // Not this branch: on to the next line of the group, or the chosen one.
          const target = chosen > next ? chosen : group.last;
          const before = i;
          i = target < directives.length ? directives[target]!.token : count;
          if (i > before) skips.push([before, i]);
          next = target;
          if (chosen === target) next++;
          continue;
        }
      }
      next++;
    }
    return i;
  };

  const emit = (to: number, declarator: Declarator | null, cut = false) => {
    if (to > from) items.push({ from, to, open, close, declarator, assigned, cut });
    from = to;
    open = -1;
    close = -1;
    assigned = false;
    continued = false;
    skips = [];
  };

  /** From an opening brace to its closing one; leaves `i` on it. */
  const skipBody = () => {
    let depth = 0;
    for (;;) {
      if (next < directives.length && directives[next]!.token <= i) pass();
      if (i >= count) return;
      const kind = kinds[i]!;
      if (kind === T.BRACE_OPEN) depth++;
      else if (kind === T.BRACE_CLOSE) {
        depth--;
        if (depth === 0 || (columns && isColumnZero(text, starts[i]!))) return;
      }
      i++;
    }
  };

  while (i < count) {
    if (next < directives.length && directives[next]!.token <= i) {
      const before = i;
      const word = words[from] === W.OTHER && kinds[from] === T.WORD;
      // A macro without parentheses or semicolon: `LIST_OF_THINGS`, then `#undef`.
      if (paren === 0 && i === from + 1 && word && isDefinition(directives[next]!.kind)) emit(i, null);
      pass();
      if (from === before) from = i;
      if (i >= count) break;
    }
    const kind = kinds[i]!;
    if (paren > 0) {
      if (kind === T.PAREN_OPEN) paren++;
      else if (kind === T.PAREN_CLOSE) {
        paren--;
        if (paren === 0 && group === from + 1 && isLoneMacro(scan, from, i)) emit(i + 1, null);
      } else if (kind === T.BRACE_OPEN && isColumnZero(text, starts[i]!)) {
        // An unbalanced parenthesis in front: no argument begins in column 0 with a brace.
        paren = 0;
        continue;
      }
      i++;
      continue;
    }
    switch (kind) {
      case T.PAREN_OPEN:
        paren = 1;
        group = i;
        break;
      case T.WORD:
        // `static DEFINE_X(name)` without a semicolon: nothing goes on with `static` behind a parenthesis.
        if ((words[i] === W.STATIC || words[i] === W.TYPEDEF) && i > from && kinds[i - 1] === T.PAREN_CLOSE) {
          emit(i, null);
        }
        break;
      case T.SEMICOLON:
        emit(i + 1, null);
        break;
      case T.ASSIGN:
        if (open < 0) assigned = true;
        else continued = true;
        break;
      case T.COMMA:
        continued = open >= 0;
        break;
      case T.BRACE_OPEN: {
        if (i > from + 1 && kinds[i - 1] === T.STRING && words[i - 2] === W.STORAGE && i - 2 === from) {
          // extern "C" {
          from = i + 1;
          break;
        }
        if (open >= 0 && !assigned && !continued) emit(close + 1, null);
        const first = open < 0;
        const declarator = first && !assigned ? declaratorIn(scan, from, i, skips) : null;
        if (first) open = i;
        const body = i;
        skipBody();
        if (first) close = Math.min(i, count - 1);
        if (declarator !== null) emit(Math.min(i + 1, count), declarator, i >= count);
        else if (first && !assigned && !hasTag(words, from, body)) emit(Math.min(i + 1, count), null);
        break;
      }
      case T.BRACE_CLOSE:
        from = i + 1;
        open = -1;
        close = -1;
        assigned = false;
        continued = false;
        break;
    }
    i++;
  }
  if (from < count && ends[count - 1]! > starts[from]!) emit(count, null);
  return items;
}

/** The declarator among `[from, end)` without the tokens that were skipped. */
function declaratorIn(
  scan: Scan,
  from: number,
  end: number,
  skips: readonly (readonly [number, number])[],
): Declarator | null {
  const { text, tokens } = scan;
  if (!skips.some(([a, b]) => b > from && a < end)) return findDeclarator(text, tokens, from, end);
  const kept: number[] = [];
  let next = 0;
  for (let i = from; i < end; i++) {
    while (next < skips.length && skips[next]![1] <= i) next++;
    if (next < skips.length && skips[next]![0] <= i) i = skips[next]![1] - 1;
    else kept.push(i);
  }
  const pick = (list: Uint8Array | Int32Array) => Int32Array.from(kept, (i) => list[i]!);
  const part: T.Tokens = {
    kinds: Uint8Array.from(kept, (i) => tokens.kinds[i]!),
    words: Uint8Array.from(kept, (i) => tokens.words[i]!),
    starts: pick(tokens.starts),
    ends: pick(tokens.ends),
    count: kept.length,
    directives: [],
    problems: [],
  };
  const found = findDeclarator(text, part, 0, kept.length);
  if (found === null) return null;
  return { name: kept[found.name]!, open: kept[found.open]!, close: kept[found.close] ?? end };
}

function isDefinition(kind: T.DirectiveKind): boolean {
  return kind === 'define' || kind === 'undef' || kind === 'include';
}

function hasTag(words: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (words[i] === W.TAG) return true;
  return false;
}

function isColumnZero(text: string, offset: number): boolean {
  return offset === 0 || text.charCodeAt(offset - 1) === 10;
}

/**
 * Whether the tokens `[from, at]`, known to be a word and its parentheses, are a macro used as a
 * declaration without a semicolon, such as `module_init(f)`: the next line begins something new.
 */
function isLoneMacro(scan: Scan, from: number, at: number): boolean {
  const { kinds, words, starts, ends } = scan.tokens;
  if (kinds[from] !== T.WORD || words[from] !== W.OTHER) return false;
  const next = kinds[at + 1]!;
  if (next === T.END) return true;
  if (next !== T.WORD) return false;
  if (words[at + 1] === W.ANNOTATION) return false;
  for (let i = ends[at]!; i < starts[at + 1]!; i++) if (scan.text.charCodeAt(i) === 10) return true;
  return false;
}
