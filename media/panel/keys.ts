import { copyTrace } from './actions.ts';
import type { Store } from './store.ts';

/** Keys that work anywhere in the panel but where text is typed or something is chosen. */
export function onKey(store: Store, event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT|VSCODE-SINGLE-SELECT)$/.test(target.tagName)) return;
  const isButton = target.tagName === 'BUTTON' || target.tagName === 'SUMMARY';
  if (isButton && (event.key === ' ' || event.key === 'Enter')) return;
  const action = actionOf(store, event);
  if (action === null) return;
  event.preventDefault();
  action();
}

function actionOf(store: Store, { key, shiftKey }: KeyboardEvent): (() => void) | null {
  const { state } = store;
  switch (key) {
    case 'ArrowRight':
      return shiftKey ? () => store.toLock(1) : () => store.forward();
    case 'ArrowLeft':
      return shiftKey ? () => store.toLock(-1) : () => store.back();
    case 'Home':
      return () => store.seek(0);
    case 'End':
      return () => store.seek(store.end);
    case ' ':
      return () => store.play();
    case '+':
    case '=':
      return () => store.zoom(1.25);
    case '-':
      return () => store.zoom(0.8);
  }
  switch (key.toLowerCase()) {
    case 'v':
      return () => store.seek(state.sides[0]?.timeline.length ?? 0);
    case 'e':
      return () => store.post({ type: state.exploring === null ? 'explore' : 'cancel' });
    case 'b':
      return () => store.setView({ bothImages: !state.view.bothImages });
    case 'l':
      return () => store.setView({ onlyLocks: !state.view.onlyLocks });
    case 'c':
      return () => copyTrace(store, 0);
  }
  const task = Number(key) - 1;
  return Number.isInteger(task) && task >= 0 && store.canMove(task) ? () => store.move(task) : null;
}
