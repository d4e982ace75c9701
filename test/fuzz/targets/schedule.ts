import { formatSchedule, parseSchedule } from '../../../engine/simulate/schedule.ts';
import { type FuzzTarget, must } from '../target.ts';

/** A schedule as text: what is read is what is written. */
export async function schedule(): Promise<FuzzTarget> {
  return {
    name: 'schedule',
    seeds: () => ['v1:0.3,1.2,0.1!2', 'v1:0.1!0!4,2.10', formatSchedule([])],
    words: ['v1:', 'v2:', '.', ',', '!', '0.1', '1.2!3', '99999999999', '-'],
    run(text) {
      const { schedule: read } = parseSchedule(text);
      if (read === null) return;
      const written = formatSchedule(read);
      must(
        formatSchedule(parseSchedule(written).schedule ?? []) === written,
        'what was written reads otherwise',
      );
    },
  };
}
