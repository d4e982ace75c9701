/** Checks a set of functions in one image of the code and gathers what came of it. */
import {
  checkFunction,
  type Definition,
  type Finding,
  type Level,
  levelOf,
  type Program,
  type Suspicion,
} from '../check/index.ts';
import type { Run } from '../source/tree.ts';
import { idleIgnores, withoutIgnored } from './ignored.ts';
import type { Note } from './review.ts';

export interface SetResult {
  readonly findings: readonly Finding[];
  /** What counts only if the other image does not have it. */
  readonly suspicions: readonly Suspicion[];
  readonly notes: readonly Note[];
  readonly functions: number;
  readonly paths: number;
  readonly configurations: number;
}

/** @param compares there is another image to compare with: what counts only as a change is gathered too. */
export async function checkSet(
  program: Program,
  definitions: readonly Definition[],
  levels: ReadonlyMap<string, Level | 'off'>,
  run?: Run,
  compares = false,
): Promise<SetResult> {
  const findings = new Map<string, Finding>();
  const suspicions: Suspicion[] = [];
  const notes: Note[] = [];
  let paths = 0;
  let configurations = 0;
  let done = 0;
  for (const definition of definitions) {
    if (run?.cancelled?.()) break;
    run?.progress?.(`checking ${definition.unit.path}`, done++, definitions.length);
    // A breath for the host now and then: the editor stays alive while a long series is checked.
    if (done % 64 === 0) await Promise.resolve();
    const check = checkFunction(program, definition, compares);
    suspicions.push(...check.suspicions);
    paths += check.paths;
    configurations += check.configurations;
    if (!check.complete) {
      notes.push({
        message: `${definition.fn.name}() has too many paths; part of them were checked`,
        file: definition.unit.path,
        line: definition.unit.position(definition.fn.nameAt).line,
      });
    }
    for (const finding of check.findings) {
      const level = levelOf(finding, levels);
      if (level === null) continue;
      // What lies in a callee is found once, from whichever caller came first.
      const place = finding.twin ?? `${finding.line}:${finding.column} ${finding.lock}`;
      const key = `${finding.rule} ${finding.file}:${place}`;
      if (!findings.has(key)) findings.set(key, level === finding.level ? finding : { ...finding, level });
    }
  }
  const { findings: kept, used } = withoutIgnored(program, [...findings.values()]);
  if (!run?.cancelled?.()) notes.push(...idleIgnores(definitions, used, levels));
  return { findings: kept, suspicions, notes, functions: definitions.length, paths, configurations };
}
