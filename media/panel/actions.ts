/** What leaves the panel: the trace as text, the session as a file. */
import type { Store } from './store.ts';
import { traceText } from './text.ts';

export function copyTrace(store: Store, side: 0 | 1): void {
  const view = store.state.sides[side];
  if (view === null) return;
  const { schedule, violation } = view;
  const { onlyLocks } = store.state.view;
  store.post({ type: 'copy', text: traceText(view.timeline, { onlyLocks, schedule, violation }) });
}
