/** The panel's entry: connects the page with the editor, and draws. */
import { render } from 'preact';
import './panel.css';
import { App } from './app.tsx';
import { type PanelMessage, readHostMessage } from './messages.ts';
import { type KeptState, Store } from './store.ts';

interface Editor {
  postMessage(message: PanelMessage): void;
  getState(): KeptState | undefined;
  setState(state: KeptState): void;
}

declare function acquireVsCodeApi(): Editor;

const editor = acquireVsCodeApi();
const kept = editor.getState();
const store = new Store(
  { post: (message) => editor.postMessage(message), keep: (state) => editor.setState(state) },
  kept?.view,
);
window.addEventListener('message', ({ data }) => {
  const message = readHostMessage(data);
  if (message !== null) store.receive(message);
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') store.saveNow();
});
render(<App store={store} />, document.getElementById('panel')!);
store.post({ type: 'ready' });
