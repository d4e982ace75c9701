/** What a function does to the locks of its caller, as a text to compare. */
import { type Configuration, evaluate } from '../c/index.ts';
import type { Definition, Program } from '../check/index.ts';

/** Empty where the function leaves the locks alone, or is not there. */
export function lockEffect(program: Program, definition: Definition | null): string {
  if (!definition || !program.isRelevant(definition)) return '';
  const configuration: Configuration = { values: program.fixed.values, fallback: 'y' };
  if (!evaluate(definition.fn.presence, configuration)) return '';
  const summary = program.summary(definition, configuration);
  if (!summary || summary.neutral || !summary.complete) return '';
  const { table } = summary;
  const outcomes = summary.outcomes.flatMap((one) => {
    const locks = (list: typeof one.takes) =>
      list
        .filter((lock) => !lock.doubtful)
        .map((lock) => `${table.spell(lock.lock)} ${lock.mode}`)
        .join();
    const takes = locks(one.takes);
    const gives = locks(one.gives);
    return takes + gives === '' ? [] : [`${one.resultFact.classes}: +${takes} -${gives}`];
  });
  return [...new Set(outcomes)].sort().join('; ');
}

/** The definition of the same name and file in another list; null where there is none. */
export function counterpart(list: readonly Definition[], one: Definition): Definition | null {
  return list.find((other) => other.fn.name === one.fn.name && other.unit.path === one.unit.path) ?? null;
}
