import type { Scenario } from '../../engine/simulate/index.ts';
import type { Choice } from '../../media/panel/messages.ts';

/** A scenario with the user's tasks and addresses. Names that it does not have are left out of account. */
export function withOwn(scenario: Scenario, own: Choice['own']): Scenario {
  if (own === null) return scenario;
  const moved = new Map(own.vmas.map((vma) => [vma.name, vma] as const));
  const tasks = scenario.tasks.filter((task) => own.tasks.includes(task.name));
  return {
    ...scenario,
    tasks: tasks.length === 0 ? scenario.tasks : tasks,
    mms: scenario.mms.map((mm) => ({
      ...mm,
      vmas: mm.vmas.map((vma) => {
        const place = moved.get(vma.name);
        return place === undefined ? vma : { ...vma, start: place.start, end: place.end };
      }),
    })),
  };
}
