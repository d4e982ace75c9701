/** Functions of which nothing is in view: the schedule chooses among the results that the caller tells apart. */
import type { Machine } from './machine.ts';
import type { Model, ResultClassValue, Site } from './model.ts';

const EINVAL = -22;

export function unknownModel(name: string): Model {
  return {
    name,
    run(m, _args, site) {
      m.assumed.add(sentence(name, site));
      const { classes } = site;
      if (classes.length === 0) return 0;
      const chosen = classes.length === 1 ? classes[0]! : classes[m.choose(classes.length, `${name}()`)]!;
      return resultValue(m, chosen, name, site);
    },
  };
}

function sentence(name: string, site: Site): string {
  const { classes } = site;
  if (classes.length === 0) return `${name}() has no effect on what is simulated`;
  const words = classes.map((one) =>
    one === 'valid'
      ? 'a valid pointer'
      : one === 'null'
        ? 'NULL'
        : one === 'error'
          ? 'an error pointer'
          : one === 'negative'
            ? 'an error number'
            : String(one),
  );
  return `${name}() returns ${words.join(' or ')}, and has no other effect`;
}

export function resultValue(m: Machine, chosen: ResultClassValue, name: string, site: Site): number {
  if (chosen === 'null') return 0;
  if (chosen === 'error' || chosen === 'negative') return EINVAL;
  if (chosen === 'valid') return freshObject(m, name, site);
  return chosen;
}

/** An object for the result of a call: one for each call site and task. */
export function freshObject(m: Machine, name: string, site: Site, tag = site.resultTag): number {
  const { memory } = m;
  const id = memory.object(`result ${site.id} ${m.current}`, {
    name: `${name}()`,
    tag,
    kind: 'lazy',
    task: -1,
  });
  return memory.pointer(id);
}
