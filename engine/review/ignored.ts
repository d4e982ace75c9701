/**
 * What the source itself says is not to be reported: the comment `lock-review: ignore ID reason`, on the line of a
 * finding or by itself on the line above it. `ID` is a rule, or several with commas between them.
 */
import type { SourceUnit } from '../c/index.ts';
import { allRules, type Definition, type Finding, type Level, type Program } from '../check/index.ts';
import type { Note } from './review.ts';

interface Ignore {
  readonly unit: SourceUnit;
  readonly rules: readonly string[];
  /** The line of the comment, 1-based, and the one that it speaks of. */
  readonly line: number;
  readonly covers: number;
}

const COMMENT =
  /(?:\/\*|\/\/)[ \t]*lock-review:[ \t]*ignore[ \t]+([a-z][a-z-]*(?:[ \t]*,[ \t]*[a-z][a-z-]*)*)/g;

const ignoresByUnit = new WeakMap<SourceUnit, readonly Ignore[]>();

function ignoresIn(unit: SourceUnit): readonly Ignore[] {
  let ignores = ignoresByUnit.get(unit);
  if (!ignores) {
    ignores = unit.text.includes('lock-review:') ? [...unit.text.matchAll(COMMENT)].map(read(unit)) : [];
    ignoresByUnit.set(unit, ignores);
  }
  return ignores;
}

function read(unit: SourceUnit): (match: RegExpMatchArray) => Ignore {
  return (match) => {
    const { line, column } = unit.position(match.index!);
    const isAlone =
      unit
        .line(line)
        .slice(0, column - 1)
        .trim() === '';
    const rules = match[1]!.split(',').map((id) => id.trim());
    return { unit, rules, line, covers: isAlone ? nextLine(unit, match.index!) : line };
  };
}

/** The first line behind a comment that has text on it. */
function nextLine(unit: SourceUnit, at: number): number {
  const isBlock = unit.text.startsWith('/*', at);
  const end = unit.text.indexOf(isBlock ? '*/' : '\n', at);
  if (end < 0) return unit.position(at).line;
  const rest = /\S/.exec(unit.text.slice(end + (isBlock ? 2 : 1)));
  return rest ? unit.position(end + (isBlock ? 2 : 1) + rest.index).line : unit.position(at).line;
}

/** The findings without those that a comment in the source covers, and which comments those were. */
export function withoutIgnored(
  program: Program,
  findings: readonly Finding[],
): { readonly findings: readonly Finding[]; readonly used: ReadonlySet<object> } {
  const used = new Set<object>();
  const kept = findings.filter((finding) => {
    const unit = program.unit(finding.file);
    const by = (unit ? ignoresIn(unit) : []).filter(
      (one) => one.covers === finding.line && one.rules.includes(finding.rule),
    );
    for (const one of by) used.add(one);
    return by.length === 0;
  });
  return { findings: kept, used };
}

/** A note for each comment in the checked functions that covers nothing, or names no rule. */
export function idleIgnores(
  definitions: readonly Definition[],
  used: ReadonlySet<object>,
  levels: ReadonlyMap<string, Level | 'off'>,
): readonly Note[] {
  const known = new Set(allRules().map((rule) => rule.id));
  const notes = new Map<object, Note>();
  for (const { unit, fn } of definitions) {
    for (const one of ignoresIn(unit)) {
      const at = unit.lineStart(one.line);
      if (used.has(one) || at + unit.line(one.line).length <= fn.at || at >= fn.end) continue;
      const strange = one.rules.find((id) => !known.has(id));
      if (strange === undefined && one.rules.every((id) => levels.get(id) === 'off')) continue;
      const message =
        strange !== undefined
          ? `there is no rule '${strange}' to ignore`
          : `nothing is left to ignore here: ${one.rules.join(', ')} ${one.rules.length > 1 ? 'find' : 'finds'} nothing in line ${one.covers}`;
      notes.set(one, { message, file: unit.path, line: one.line });
    }
  }
  return [...notes.values()];
}
