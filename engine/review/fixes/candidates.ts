/** Edits that may put a finding right. Which of them do is found out by checking again. */
import type { SourceUnit } from '../../c/index.ts';
import type { Finding, Program } from '../../check/index.ts';
import type { Contract, Effect } from '../../protocol/index.ts';
import { functionAround, isBody, STATEMENT } from './function-lines.ts';
import { type FixCandidate, type LineEdit, lineEdit } from './line-edit.ts';
import { whereNotNull } from './look-up-again.ts';
import { underOneSymbol } from './same-symbol.ts';

/** Candidates that are tried for one finding: each costs a check of the file's functions. */
export const MAX_CANDIDATES = 8;

export function fixCandidates(finding: Finding, unit: SourceUnit, program: Program): readonly FixCandidate[] {
  const all: FixCandidate[] = [];
  if (finding.fix) {
    const edits = finding.fix.edits.map((edit) =>
      lineEdit(edit.file, unit.text, edit.at, edit.end, edit.text),
    );
    all.push({ title: finding.fix.title, edits: edits.sort((left, right) => right.from - left.from) });
  }
  if (finding.rule === 'lock-leak' || finding.rule === 'inconsistent-return')
    all.push(...jumpsToLabels(finding, unit), ...releasesBefore(finding, unit, program));
  if (finding.rule === 'wrong-mode') all.push(...otherModes(finding, unit, program));
  if (finding.rule === 'null-lock-argument') all.push(...whereNotNull(finding, unit, program));
  if (finding.rule === 'config-imbalance') all.push(...underOneSymbol(finding, unit, program));
  if (finding.rule === 'unlock-not-held' || finding.rule === 'config-imbalance')
    all.push(...withoutStatement(finding, unit));
  return all.slice(0, MAX_CANDIDATES);
}

/** Each way to release that the function knows or the acquire's contract implies, in front of the return. */
function releasesBefore(finding: Finding, unit: SourceUnit, program: Program): readonly FixCandidate[] {
  const fn = functionAround(unit, finding.line);
  if (!fn) return [];
  const found = new Set<string>();
  for (let line = fn.first; line <= fn.last; line++) {
    const [, name = ''] = STATEMENT.exec(unit.line(line)) ?? [];
    const contract = program.contracts.lookup(name);
    if (contract && releaseOf(contract)) found.add(unit.line(line).trim());
  }
  for (const step of finding.trace) {
    if (step.kind !== 'acquire' || step.file !== unit.path) continue;
    for (const [, name = '', args = ''] of unit.line(step.line).matchAll(/(\w+)\(([^()]*)\)/g)) {
      const release = counterpart(program, name);
      if (release) found.add(`${release}(${args});`);
    }
  }
  return [...found].flatMap((statement) => {
    const edits = inFrontOf(unit, finding, statement);
    return edits ? [{ title: `Add '${statement}'`, edits }] : [];
  });
}

/** The function that gives back just what another takes, by the name that is nearest. */
function counterpart(program: Program, name: string): string | null {
  const taken = program.contracts.lookup(name);
  const effect = taken?.outcomes.flatMap((one) => one.effects).find((one) => one.op === 'acquire');
  if (!effect) return null;
  let best: { readonly name: string; readonly shared: number } | null = null;
  for (const row of program.contracts.all()) {
    const release = releaseOf(row);
    if (!release || release.lock !== effect.lock || release.kind !== effect.kind) continue;
    if (release.mode !== 'any' && release.mode !== effect.mode) continue;
    const shared = sharedLength(row.name, name);
    if (shared > (best?.shared ?? 2)) best = { name: row.name, shared };
  }
  return best?.name ?? null;
}

type Release = Extract<Effect, { op: 'release' }>;

/** What a contract releases, where that is all that it does. */
function releaseOf(contract: Contract): Release | null {
  if (contract.what !== 'function' || contract.outcomes.length !== 1) return null;
  const { when, effects } = contract.outcomes[0]!;
  const [first] = effects;
  return when === 'any' && effects.length === 1 && first?.op === 'release' ? first : null;
}

function sharedLength(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  return at;
}

/** `goto LABEL;` in place of the return, for each label behind which the same is returned. */
function jumpsToLabels(finding: Finding, unit: SourceUnit): readonly FixCandidate[] {
  const fn = functionAround(unit, finding.line);
  const line = unit.line(finding.line);
  const returned = /^\s*return\b\s*([^;]*);/.exec(line)?.[1]?.trim();
  if (!fn || returned === undefined) return [];
  const candidates: FixCandidate[] = [];
  for (let at = finding.line + 1; at <= fn.last; at++) {
    const label = /^(\w+):\s*$/.exec(unit.line(at))?.[1];
    if (label === undefined || label === 'default') continue;
    const last = returnAfter(unit, at, fn.last);
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const title = `Jump to '${label}'`;
    const { file } = finding;
    if (last === returned) {
      const jump = { file, from: finding.line, to: finding.line, lines: [`${indent}goto ${label};`] };
      candidates.push({ title, edits: [jump] });
    } else if (last !== null && /^\w+$/.test(last)) {
      const edits = braced(
        unit,
        finding,
        [`${indent}${last} = ${returned};`, `${indent}goto ${label};`],
        true,
      );
      if (edits) candidates.push({ title: `${title} with ${last} = ${returned}`, edits });
    }
  }
  return candidates;
}

/** What the first return behind a label returns. */
function returnAfter(unit: SourceUnit, from: number, last: number): string | null {
  for (let at = from; at <= last; at++) {
    const returned = /^\s*return\b\s*([^;]*);/.exec(unit.line(at));
    if (returned) return returned[1]!.trim();
  }
  return null;
}

/** The release of the other mode in place of the one that is there. */
function otherModes(finding: Finding, unit: SourceUnit, program: Program): readonly FixCandidate[] {
  const line = unit.line(finding.line);
  return [...line.matchAll(/(\w+)\s*\(/g)].flatMap(([, name = '']) => {
    const contract = program.contracts.lookup(name);
    const release = contract && releaseOf(contract);
    if (!release) return [];
    return program.contracts
      .all()
      .filter((row) => {
        const other = releaseOf(row);
        return (
          row.name !== name &&
          other?.lock === release.lock &&
          other.kind === release.kind &&
          other.mode !== release.mode &&
          sharedLength(row.name, name) > 2
        );
      })
      .map((row): FixCandidate => {
        const changed = line.replace(new RegExp(`\\b${name}\\b`), row.name);
        const edit = { file: finding.file, from: finding.line, to: finding.line, lines: [changed] };
        return { title: `Use ${row.name}()`, edits: [edit] };
      });
  });
}

/** The call taken away, where it is a statement of its own that nothing else hangs on. */
function withoutStatement(finding: Finding, unit: SourceUnit): readonly FixCandidate[] {
  const line = unit.line(finding.line);
  if (finding.file !== unit.path || !STATEMENT.test(line) || isBody(unit, finding.line)) return [];
  const edit = { file: finding.file, from: finding.line, to: finding.line, lines: [] };
  return [{ title: `Remove '${line.trim()}'`, edits: [edit] }];
}

function inFrontOf(unit: SourceUnit, finding: Finding, statement: string): readonly LineEdit[] | null {
  const indent = /^\s*/.exec(unit.line(finding.line))?.[0] ?? '';
  return braced(unit, finding, [indent + statement], false);
}

/**
 * Lines in front of, or instead of, the one that a finding is on. Where that line is the whole body of an `if`, it
 * is given braces; null where it cannot be.
 */
function braced(
  unit: SourceUnit,
  { file, line }: Finding,
  lines: readonly string[],
  instead: boolean,
): readonly LineEdit[] | null {
  if (!/;\s*$/.test(unit.line(line))) return null;
  const body: LineEdit = { file, from: line, to: instead ? line : line - 1, lines };
  if (!isBody(unit, line)) return [body];
  const head = unit.line(line - 1);
  if (/^\s*(?:\}\s*)?else\b/.test(unit.line(line + 1)) || !/^\s*(?:if|else|while|for)\b/.test(head))
    return null;
  const indent = /^\s*/.exec(head)?.[0] ?? '';
  return [
    { file, from: line + 1, to: line, lines: [`${indent}}`] },
    body,
    { file, from: line - 1, to: line - 1, lines: [`${head.trimEnd()} {`] },
  ];
}
