/** Fixes of a lock operation on NULL: look the object up again under the lock that is held by then, or leave before it. */
import type { SourceUnit } from '../../c/index.ts';
import type { Finding, Program } from '../../check/index.ts';
import { functionAround, isBody } from './function-lines.ts';
import type { FixCandidate } from './line-edit.ts';

/** Returns that are tried: those behind the operation first. */
const MAX_RETURNS = 3;

/**
 * In front of the statement: a lookup that leaves locking to its caller, in place of the one that has failed, and a
 * return where it fails too; and the return alone. None where the pointer is no variable, or is an error pointer.
 */
export function whereNotNull(finding: Finding, unit: SourceUnit, program: Program): readonly FixCandidate[] {
  const { file, line } = finding;
  const name = pointerIn(unit.line(line), finding);
  const fn = functionAround(unit, line);
  if (name === null || !fn || file !== unit.path) return [];
  if (isBody(unit, line) || !beginsStatement(unit, line)) return [];
  const indent = /^\s*/.exec(unit.line(line))?.[0] ?? '';
  const again = lookupAgain(name, unit, fn.first, line, program);
  const returns = returnsOf(unit, fn.first, fn.last, line);
  const before = (lines: readonly string[]) => [
    { file, from: line, to: line - 1, lines: lines.map((text) => indent + text) },
  ];
  const leave = (statement: string) => [`if (!${name})`, `\t${statement}`];
  return [
    ...(again === null
      ? []
      : returns.map((statement) => ({
          title: `Look up '${name}' again under the lock`,
          edits: before([`${name} = ${again};`, ...leave(statement)]),
        }))),
    ...returns.map((statement) => ({
      title: `Leave with '${statement}' where '${name}' is NULL`,
      edits: before(leave(statement)),
    })),
  ];
}

/** The variable that is NULL: the argument itself (`p`), or the one whose lock it is (`&p->lock`). */
function pointerIn(text: string, { shape, column }: Finding): string | null {
  const [call = '', argument = '', value] = shape.split(' ');
  const list = new RegExp(`\\b${call}\\(([^()]*)\\)`).exec(text.slice(column - 1))?.[1];
  if (value !== 'NULL' || list === undefined) return null;
  return (
    /^\s*&?([A-Za-z_]\w*)(?:->\w+(?:\.\w+)*)?\s*$/.exec(list.split(',')[Number(argument)] ?? '')?.[1] ?? null
  );
}

/** The call that finds what the last lookup did not, with the same arguments; null where nothing is known to. */
function lookupAgain(
  name: string,
  unit: SourceUnit,
  first: number,
  last: number,
  program: Program,
): string | null {
  const assigned = new RegExp(`\\b${name} = (\\w+)\\(([^;{}]*)\\);\\s*$`);
  for (let line = last - 1; line >= first; line--) {
    const [, call = '', args = ''] = assigned.exec(unit.line(line)) ?? [];
    if (call === '') continue;
    const { unlocked } = program.contracts.lookup(call) ?? {};
    return unlocked === undefined ? null : `${unlocked}(${args})`;
  }
  return null;
}

function returnsOf(unit: SourceUnit, first: number, last: number, from: number): readonly string[] {
  const found = new Set<string>();
  const order = [...range(from, last), ...range(first, from - 1)];
  for (const line of order) {
    const text = /^\s*(return\b[^;]*;)\s*$/.exec(unit.line(line))?.[1];
    if (text !== undefined) found.add(text);
  }
  return [...found].slice(0, MAX_RETURNS);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}

/** True where the line above ends a statement, opens a block or is a label. */
function beginsStatement(unit: SourceUnit, line: number): boolean {
  let above = line - 1;
  while (above > 0 && unit.line(above).trim() === '') above--;
  return /[;{}:]\s*(?:\/\*.*\*\/\s*)?$|^#/.test(unit.line(above));
}
