import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { SideView, Store } from './store.ts';
import { detailText, placeText } from './text.ts';

const ROW = 22;
const BEYOND = 8;

interface Props {
  readonly store: Store;
  readonly side: 0 | 1;
  readonly view: SideView;
  readonly position: number;
  readonly onlyLocks: boolean;
}

/** The steps as text. Only the rows in sight are in the document, however many there are. */
export function Trace({ store, side, view, position, onlyLocks }: Props) {
  const { timeline, violation } = view;
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 220 });
  const length = timeline.length;
  const schedule = view.schedule;
  const rows = useMemo(() => {
    const all: number[] = [0];
    for (let at = 1; at <= length; at++)
      if (!onlyLocks || timeline.moves[at - 1]!.isLockOperation || at === length) all.push(at);
    return all;
  }, [timeline, length, schedule, onlyLocks]);
  const current = rows.findLastIndex((at) => at <= position);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = () => setSeen({ top: element.scrollTop, height: element.clientHeight });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    // By what was seen last: to ask the element would lay the page out once more.
    const top = current * ROW;
    if (top < seen.top + ROW || top > seen.top + seen.height - 2 * ROW)
      element.scrollTop = top - seen.height / 2;
  }, [current, rows, seen.height]);
  const first = Math.max(0, Math.floor(seen.top / ROW) - BEYOND);
  const last = Math.min(rows.length, Math.ceil((seen.top + seen.height) / ROW) + BEYOND);
  const inSight = new Set(Array.from({ length: last - first }, (_, i) => first + i));
  // The selected row is there even where it is out of sight, for the screen reader.
  if (current >= 0) inSight.add(current);
  const keyed = (event: KeyboardEvent) => {
    const move = (to: number) => {
      event.preventDefault();
      event.stopPropagation();
      const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
      if (row !== undefined) store.seek(row);
    };
    const page = Math.max(1, Math.floor(seen.height / ROW) - 1);
    if (event.key === 'ArrowDown') move(current + 1);
    else if (event.key === 'ArrowUp') move(current - 1);
    else if (event.key === 'PageDown') move(current + page);
    else if (event.key === 'PageUp') move(current - page);
    else if (event.key === 'Enter') {
      const place = timeline.moves[rows[current]! - 1]?.place;
      if (place !== undefined) store.open(side, place.file, place.line);
      event.stopPropagation();
    }
  };
  return (
    <div
      class="trace"
      ref={scroller}
      role="listbox"
      tabIndex={0}
      aria-label={`Trace${side === 1 ? ' of the other simulation' : ''}`}
      aria-activedescendant={current < 0 ? undefined : `row-${side}-${current}`}
      onKeyDown={keyed}
      onScroll={({ currentTarget }) =>
        setSeen({ top: currentTarget.scrollTop, height: currentTarget.clientHeight })
      }
    >
      <div class="all" style={{ height: `${rows.length * ROW}px` }}>
        {[...inSight]
          .sort((a, b) => a - b)
          .map((index) => (
            <Row
              key={rows[index]}
              {...{ store, side, view, index }}
              at={rows[index]!}
              total={rows.length}
              isCurrent={index === current}
              isBad={violation !== null && rows[index] === length && length > 0}
            />
          ))}
      </div>
    </div>
  );
}

function Row({
  store,
  side,
  view,
  index,
  at,
  total,
  isCurrent,
  isBad,
}: {
  readonly store: Store;
  readonly side: 0 | 1;
  readonly view: SideView;
  readonly index: number;
  readonly at: number;
  readonly total: number;
  readonly isCurrent: boolean;
  readonly isBad: boolean;
}) {
  const { timeline, violation } = view;
  const move = timeline.moves[at - 1];
  const detail = move === undefined ? '' : detailText(move);
  const clicked = () => {
    store.seek(at);
    if (move !== undefined) store.open(side, move.place.file, move.place.line);
  };
  const classes = ['row', isCurrent && 'current', move?.isLockOperation && 'lock', isBad && 'bad'];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus
    <div
      class={classes.filter(Boolean).join(' ')}
      id={`row-${side}-${index}`}
      role="option"
      aria-selected={isCurrent}
      aria-setsize={total}
      aria-posinset={index + 1}
      style={{ transform: `translateY(${index * ROW}px)` }}
      onClick={clicked}
      title={move === undefined ? '' : `${placeText(move.place)} ${move.place.function}()\n${detail}`}
    >
      <span class="number">{at}</span>
      {move === undefined ? (
        <span class="code">start</span>
      ) : (
        <>
          <span class={`task t${move.task % 6}`}>{timeline.setup.tasks[move.task]}</span>
          <code class="code">{move.place.text || 'ends'}</code>
          <span class="detail">{isBad ? violation!.message : detail}</span>
          <span class="place">{placeText(move.place).split('/').at(-1)}</span>
        </>
      )}
    </div>
  );
}
