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
import { branchTaken, type Group } from './directives.ts';
import type { Item, Scan } from './items.ts';
import { ALL, basePolicy, collectSplit, type Policy } from './split-groups.ts';
import * as T from './tokens.ts';
import * as W from './words.ts';

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
    // Where the first line of a body stands in column 0, the layout is lost and says nothing.
    const layout = columns && !(i + 1 < count && isColumnZero(text, starts[i + 1]!));
    for (;;) {
      if (next < directives.length && directives[next]!.token <= i) pass();
      if (i >= count) return;
      const kind = kinds[i]!;
      if (kind === T.BRACE_OPEN) depth++;
      else if (kind === T.BRACE_CLOSE) {
        depth--;
        if (depth === 0 || (layout && isColumnZero(text, starts[i]!))) return;
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
