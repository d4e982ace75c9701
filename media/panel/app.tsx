import '@vscode-elements/elements/dist/vscode-progress-ring/index.js';
import type { ComponentChildren } from 'preact';
import { useEffect, useReducer } from 'preact/hooks';
import { copyTrace } from './actions.ts';
import { AddressSpace } from './address-space.tsx';
import { Compare } from './compare.tsx';
import { Diagram } from './diagram.tsx';
import { diagramSvg } from './diagram-svg.ts';
import { onKey } from './keys.ts';
import { Locks } from './locks.tsx';
import { Pickers } from './pickers.tsx';
import { Results } from './results.tsx';
import { Sources } from './source.tsx';
import type { PanelState, Store } from './store.ts';
import { announcement } from './text.ts';
import { Tool, Toolbar } from './toolbar.tsx';
import { Trace } from './trace.tsx';

export function App({ store }: { readonly store: Store }) {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => store.subscribe(() => draw(undefined)), [store]);
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(store, event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, [store]);
  const { state } = store;
  const main = state.sides[0];
  return (
    <main>
      <h1 class="hidden">Lock simulation</h1>
      <Pickers store={store} state={state} />
      <Results store={store} state={state} />
      {main !== null && (
        <>
          <Toolbar store={store} state={state} />
          <Columns store={store} state={state} />
        </>
      )}
      <div class="hidden" aria-live="polite" role="status">
        {main === null ? (state.busy ?? '') : announcement(main.timeline, state.position, main.violation)}
      </div>
    </main>
  );
}

function Columns({ store, state }: { readonly store: Store; readonly state: PanelState }) {
  const isCompared = state.sides[1] !== null;
  return (
    <>
      <Compare store={store} state={state} />
      <div class={isCompared ? 'columns two' : 'columns'}>
        <Column store={store} state={state} side={0} />
        {isCompared && <Column store={store} state={state} side={1} />}
      </div>
    </>
  );
}

function Column({
  store,
  state,
  side,
}: {
  readonly store: Store;
  readonly state: PanelState;
  readonly side: 0 | 1;
}) {
  const view = state.sides[side];
  if (view === null) return null;
  const { position, sources, contracts } = state;
  const { bothImages, onlyLocks, zoom } = state.view;
  const { title } = view.timeline.setup;
  const isCompared = state.sides[1] !== null;
  return (
    <div class="column">
      {isCompared && (
        <h2 class="side">
          {sideTitle(state, side)}
          {view.violation !== null && <span class="badge bad">violation</span>}
          {view.problem !== null && <span class="note">{view.problem}</span>}
        </h2>
      )}
      <Part title="Flow" note={title}>
        <Diagram {...{ store, side, view, position, zoom }} />
      </Part>
      <Part
        title="Source"
        tools={
          <Tool
            icon="diff"
            label="Code before and after the patch side by side"
            keys="B"
            isOn={bothImages}
            onClick={() => store.setView({ bothImages: !bothImages })}
          />
        }
      >
        <Sources {...{ store, side, view, position, bothImages, sources }} />
      </Part>
      <div class="halves">
        <Part title="Address space">
          <AddressSpace view={view} position={position} />
        </Part>
        <Part title="Locks, counters and queues">
          <Locks {...{ store, side, view, position, contracts }} />
        </Part>
      </div>
      <Part
        title="Trace"
        tools={
          <>
            <label class="check">
              <input
                type="checkbox"
                checked={onlyLocks}
                onChange={({ currentTarget }) => store.setView({ onlyLocks: currentTarget.checked })}
              />
              Lock operations only
            </label>
            <Tool
              icon="copy"
              label="Copy the trace as text"
              keys="C"
              onClick={() => copyTrace(store, side)}
            />
            <Tool
              icon="export"
              label="Export the diagram as SVG"
              keys=""
              onClick={() =>
                store.post({ type: 'saveDiagram', svg: diagramSvg(view.timeline, view.violation) })
              }
            />
            {side === 0 && (
              <Tool
                icon="save"
                label="Export the session"
                keys=""
                onClick={() => store.post({ type: 'saveSession' })}
              />
            )}
          </>
        }
      >
        <Trace {...{ store, side, view, position, onlyLocks }} />
      </Part>
      {view.assumed.length > 0 && (
        <details class="assumed">
          <summary>Assumed ({view.assumed.length})</summary>
          <ul>
            {view.assumed.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** What tells the two simulations that are compared from each other. */
function sideTitle(state: PanelState, side: 0 | 1): string {
  const [image, other] = state.sides.map((view) => view?.timeline.setup.choice.image);
  if (image === other) return side === 0 ? 'This schedule' : 'The other schedule';
  return (side === 0 ? image : other) === 'after' ? 'With the patch' : 'Without the patch';
}

function Part({
  title,
  note,
  tools,
  children,
}: {
  readonly title: string;
  readonly note?: string;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="part" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {note !== undefined && <span class="note">{note}</span>}
        {tools !== undefined && <div class="tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}
