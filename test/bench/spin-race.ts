/**
 * Our exploration beside Spin's of the exported model, on the primitives of a real tree. Prints a table; for the bench,
 * `spinRace()` gives the rows.
 */
import { pathToFileURL } from 'node:url';
import { explore, exportPromela } from '../../engine/simulate/index.ts';
import { CASES, edited, programOf, treeOf } from '../engine/simulate/scenario-cases.ts';
import { hasShared } from '../shared.ts';
import { hasSpin, runSpin, SPIN_NEEDED } from '../spin.ts';

/** Wall times in milliseconds. */
export interface RaceRow {
  readonly scenario: string;
  /** What was changed in the code, or '' for the code as it is. */
  readonly change: string;
  readonly verdict: string;
  /** Loading and compiling the C; the search. */
  readonly load: number;
  readonly search: number;
  readonly spinVerdict: string;
  /** `spin -a` and the C compiler; the search of `pan`. */
  readonly spinGeneration: number;
  readonly spinSearch: number;
}

const now = () => performance.now();

/** @returns no rows where the tree or Spin is missing. */
export async function spinRace(): Promise<RaceRow[]> {
  if (!hasShared || !hasSpin) return [];
  const rows: RaceRow[] = [];
  const chosen = CASES.filter(({ scenario }) => ['detach-reuse', 'write-killed'].includes(scenario));
  const good = [...new Map(chosen.map((one) => [`${one.scenario} ${one.release}`, one])).values()];
  for (const [one, isChanged] of [
    ...good.map((one) => [one, false] as const),
    ...chosen.map((one) => [one, true] as const),
  ]) {
    const tree = isChanged ? await edited(treeOf(one.release), one.edit) : treeOf(one.release);
    const start = now();
    const program = await programOf(one, tree);
    const loaded = now();
    const verdict = explore(program, { now });
    const searched = now();
    const model = exportPromela(program, now).text;
    if (model === null) continue;
    const spin = runSpin(model);
    rows.push({
      scenario: `${one.scenario} ${one.release}`,
      change: isChanged ? one.what : '',
      verdict: verdict.verdict,
      load: loaded - start,
      search: searched - loaded,
      spinVerdict: spin.verdict,
      spinGeneration: spin.generation,
      spinSearch: spin.search,
    });
  }
  return rows;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = await spinRace();
  if (rows.length === 0) console.error(`nothing was measured: needs ../shared, ${SPIN_NEEDED}`);
  else
    console.table(
      rows.map((row) => ({
        ...row,
        load: row.load | 0,
        search: row.search | 0,
        spinGeneration: row.spinGeneration | 0,
        spinSearch: row.spinSearch | 0,
      })),
    );
}
