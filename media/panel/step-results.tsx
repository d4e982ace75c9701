import type { MoveData } from './messages.ts';
import type { Store } from './store.ts';

/** For a step with several possible results: a button for each, which makes the step again with that one. */
export function StepResults({
  store,
  move,
  position,
}: {
  readonly store: Store;
  readonly move: MoveData;
  /** Behind the step. */
  readonly position: number;
}) {
  const several = move.choices.map((choice, index) => ({ ...choice, index })).filter(({ of }) => of > 1);
  if (several.length === 0) return null;
  return (
    <div class="step-results">
      {several.map(({ taken, of, index }, i) => (
        <div key={index} class="group" role="group" aria-label={`Results of ${nameOf(move, i)}`}>
          <span class="label">{nameOf(move, i)}</span>
          {Array.from({ length: of }, (_, result) => (
            <button
              key={result}
              type="button"
              class="step"
              aria-pressed={result === taken}
              title={`Make the step again with result ${result + 1} of ${of}`}
              onClick={() =>
                store.moveAt(position - 1, move.task, [
                  ...move.choices.slice(0, index).map((choice) => choice.taken),
                  result,
                ])
              }
            >
              result {result + 1}
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}

/** What has several results, as the step's notes have it: `copy_from_user() faults: 1 of 2`. */
function nameOf(move: MoveData, index: number): string {
  const names = move.notes.flatMap((note) => /^(.*): \d+ of \d+$/.exec(note)?.[1] ?? []);
  return names[index] ?? 'the step';
}
