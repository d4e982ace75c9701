import { useState } from 'preact/hooks';
import type { PanelState, SideView, Store } from './store.ts';
import { Tool } from './toolbar.tsx';

/** Puts another simulation beside this one: the code before the patch, or another schedule. Loads schedules. */
export function Compare({ store, state }: { readonly store: Store; readonly state: PanelState }) {
  const [text, setText] = useState('');
  const [main, other] = state.sides;
  const schedule = main?.schedule ?? 'v1:';
  const shown = text === '' ? schedule : text;
  const isSame = shown.trim() === schedule;
  const difference = main !== null && other !== null ? firstDifference(main, other) : null;
  return (
    <div class="compare">
      <label class="schedule">
        Schedule
        <input
          value={shown}
          spellcheck={false}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            store.post({ type: 'load', schedule: shown });
            setText('');
          }}
        />
      </label>
      <button
        type="button"
        class="secondary"
        disabled={isSame}
        onClick={() => {
          store.post({ type: 'load', schedule: shown });
          setText('');
        }}
      >
        Load
      </button>
      <button
        type="button"
        class="secondary"
        disabled={isSame}
        onClick={() => {
          store.post({ type: 'compare', with: 'schedule', schedule: shown });
          setText('');
        }}
      >
        Compare
      </button>
      {state.catalogue?.hasPatch !== false && other === null && (
        <button
          type="button"
          class="secondary"
          onClick={() => store.post({ type: 'compare', with: 'image', schedule: '' })}
        >
          Before and after side by side
        </button>
      )}
      {other !== null && (
        <Tool
          icon="close"
          label="End the comparison"
          keys=""
          onClick={() => store.post({ type: 'compare', with: null, schedule: '' })}
        >
          End comparison
        </Tool>
      )}
      {difference !== null && (
        <button type="button" class="link" onClick={() => store.seek(difference)}>
          First difference at step {difference}
        </button>
      )}
    </div>
  );
}

/** The first step that is not the same code by the same task; null where there is none. */
function firstDifference(main: SideView, other: SideView): number | null {
  const [a, b] = [main.timeline.moves, other.timeline.moves];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [left, right] = [a[i], b[i]];
    if (left?.task !== right?.task || left?.place.text !== right?.place.text) return i + 1;
  }
  return main.violation?.message === other.violation?.message ? null : a.length;
}
