import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';
import type { PanelState, Store } from './store.ts';

/** Stepping, playing, exploring. Each button names its key. */
export function Toolbar({ store, state }: { readonly store: Store; readonly state: PanelState }) {
  const { position, isPlaying, view, exploring } = state;
  const main = state.sides[0];
  const end = store.end;
  const canGoOn =
    position < end || (main?.timeline.setup.tasks.some((_, task) => store.canMove(task)) ?? false);
  const violation = main?.violation ?? null;
  return (
    <div class="toolbar" role="toolbar" aria-label="Steps">
      <div class="group">
        <Tool
          icon="restart"
          label="To the start"
          keys="Home"
          isOff={position === 0}
          onClick={() => store.seek(0)}
        />
        <Tool icon="stepBack" label="Back" keys="←" isOff={position === 0} onClick={() => store.back()} />
        <Tool
          icon={isPlaying ? 'pause' : 'play'}
          label={isPlaying ? 'Pause' : 'Play'}
          keys="Space"
          isOff={end === 0}
          onClick={() => store.play()}
        />
        <Tool icon="stepOver" label="Forward" keys="→" isOff={!canGoOn} onClick={() => store.forward()} />
        <Tool
          icon="lock"
          label="To the next lock operation"
          keys="Shift+→"
          isOff={!canGoOn}
          onClick={() => store.toLock(1)}
        />
        <Tool
          icon="error"
          label="To the violation"
          keys="V"
          isOff={violation === null || position === main?.timeline.length}
          onClick={() => store.seek(main?.timeline.length ?? 0)}
        />
      </div>
      <output class="position">
        {position} / {end}
      </output>
      <label class="speed">
        Speed
        <input
          type="range"
          min={0.5}
          max={20}
          step={0.5}
          value={view.speed}
          aria-valuetext={`${view.speed} steps a second`}
          onInput={({ currentTarget }) => store.setView({ speed: Number(currentTarget.value) })}
        />
      </label>
      <div class="group">
        {exploring === null ? (
          <Tool
            icon="search"
            label="Explore every interleaving"
            keys="E"
            isOff={main === null}
            onClick={() => store.post({ type: 'explore' })}
          >
            Explore
          </Tool>
        ) : (
          <Tool
            icon="stop"
            label="Cancel the exploration"
            keys="E"
            onClick={() => store.post({ type: 'cancel' })}
          >
            Cancel
          </Tool>
        )}
        <Tool
          icon="debug"
          label={state.isDebugged ? 'Being debugged' : 'Debug'}
          keys=""
          isOff={main === null || state.isDebugged}
          onClick={() => store.post({ type: 'debug' })}
        />
        <Tool icon="zoomOut" label="Zoom the diagram out" keys="-" onClick={() => store.zoom(0.8)} />
        <Tool icon="zoomIn" label="Zoom the diagram in" keys="+" onClick={() => store.zoom(1.25)} />
      </div>
    </div>
  );
}

export function Tool({
  icon,
  label,
  keys,
  isOff = false,
  isOn,
  onClick,
  children,
}: {
  readonly icon: IconName;
  readonly label: string;
  /** The key that does the same, or ''. */
  readonly keys: string;
  readonly isOff?: boolean;
  /** For a button that stays pressed. */
  readonly isOn?: boolean;
  onClick(): void;
  readonly children?: ComponentChildren;
}) {
  return (
    <button
      type="button"
      class="tool"
      disabled={isOff}
      aria-pressed={isOn}
      title={keys === '' ? label : `${label} (${keys})`}
      aria-label={label}
      onClick={onClick}
    >
      <Icon name={icon} />
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}
