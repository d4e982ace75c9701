/** The edits that put a finding right, each proved by checking the edited file again. */
import type { Definition, Finding, Level, Program } from '../../check/index.ts';
import type { Run } from '../../source/index.ts';
import { checkSet } from '../check-set.ts';
import { fingerprint } from '../fingerprint.ts';
import { fixCandidates } from './candidates.ts';
import { type FixCandidate, withEdits } from './line-edit.ts';

/**
 * Those of the candidates after which the finding is gone and no other has come.
 * @param definitions what is checked of the file; all of its functions where the whole file is
 */
export async function verifiedFixes(
  program: Program,
  definitions: readonly Definition[],
  finding: Finding,
  levels: ReadonlyMap<string, Level | 'off'>,
  run?: Run,
): Promise<readonly FixCandidate[]> {
  const unit = program.unit(finding.file);
  if (!unit) return [];
  const own = definitions.filter((one) => one.unit === unit);
  const known = counted((await checkSet(program, own, levels, run)).findings);
  const key = fingerprint(finding);
  const names = new Set(own.map((one) => one.fn.name));
  const right: FixCandidate[] = [];
  for (const candidate of fixCandidates(finding, unit, program)) {
    if (run?.cancelled?.()) break;
    const edited = program.withFile(unit.path, withEdits(unit.text, candidate.edits));
    const changed = edited.unit(unit.path)!;
    const again = changed.functions.filter((fn) => names.has(fn.name)).map((fn) => ({ unit: changed, fn }));
    const found = counted((await checkSet(edited, again, levels, run)).findings);
    const gone = (found.get(key) ?? 0) < (known.get(key) ?? 0);
    const clean = [...found].every(([print, count]) => count <= (known.get(print) ?? 0));
    // A text that cannot be read any more has no findings either.
    const readable = again.length === own.length && changed.problems.length <= unit.problems.length;
    if (gone && clean && readable) right.push(candidate);
  }
  return right;
}

function counted(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const count = new Map<string, number>();
  for (const finding of findings) count.set(fingerprint(finding), (count.get(fingerprint(finding)) ?? 0) + 1);
  return count;
}
