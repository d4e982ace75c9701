import { scaleLinear } from 'd3-scale';
import { linkHorizontal } from 'd3-shape';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Layout, layoutOf, ROW, TOP, visibleHolds } from './diagram-layout.ts';
import type { SideView, Store } from './store.ts';
import { announcement, holdText } from './text.ts';
import type { Hold, Timeline } from './timeline.ts';

/** Space for the names of the tasks, in pixels. */
const NAMES = 104;
/** Drawn beyond the edges, so that scrolling shows no gap. */
const MARGIN = 40;

interface Props {
  readonly store: Store;
  readonly side: 0 | 1;
  readonly view: SideView;
  readonly position: number;
  readonly zoom: number;
}

/** The space-time diagram: a lane a task, bars for what is held, arrows for who makes whom wait or wakes whom. */
export function Diagram({ store, side, view, position, zoom }: Props) {
  const { timeline, violation } = view;
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ left: 0, width: 800 });
  const layout = layoutOf(timeline);
  // A short trace fills the width; a long one is scrolled.
  const fitting = Math.min(60, Math.max(12, (seen.width - 16) / (timeline.length + 2)));
  const step = Math.min(80, Math.max(2, fitting * zoom));
  const x = scaleLinear([0, 1], [step, 2 * step]);
  const width = Math.max(seen.width, x(timeline.length + 1) + 16);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = () => setSeen({ left: element.scrollLeft, width: element.clientWidth });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    // By what was seen last: to ask the element would lay the page out once more.
    const at = (position + 1) * step;
    if (at < seen.left + step || at > seen.left + seen.width - 2 * step)
      element.scrollLeft = at - seen.width / 2;
  }, [position, step, seen.width]);
  const from = Math.floor(x.invert(seen.left - MARGIN));
  const to = Math.ceil(x.invert(seen.left + seen.width + MARGIN));
  const clicked = (event: MouseEvent) => {
    const svg = event.currentTarget as SVGElement;
    const at = Math.round(x.invert(event.clientX - svg.getBoundingClientRect().left));
    store.seek(at);
    const move = timeline.moves[Math.min(Math.max(at, 1), timeline.length) - 1];
    if (move !== undefined) store.open(side, move.place.file, move.place.line);
  };
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    store.zoom(event.deltaY < 0 ? 1.25 : 0.8);
  };
  return (
    <div class="diagram">
      <svg class="names" width={NAMES} height={layout.height} aria-hidden="true">
        {layout.lanes.map((lane) => (
          <LaneName
            key={lane.task}
            layout={layout}
            task={lane.task}
            timeline={timeline}
            position={position}
          />
        ))}
      </svg>
      {/* A slider over the steps: the arrow keys move it, and the panel's own keys work here too. */}
      <div
        class="scroller"
        ref={scroller}
        role="slider"
        tabIndex={0}
        aria-label={`Space-time diagram${side === 1 ? ' of the other simulation' : ''}`}
        aria-valuemin={0}
        aria-valuemax={timeline.length}
        aria-valuenow={Math.min(position, timeline.length)}
        aria-valuetext={announcement(timeline, Math.min(position, timeline.length), violation)}
        onScroll={({ currentTarget }) =>
          setSeen({ left: currentTarget.scrollLeft, width: currentTarget.clientWidth })
        }
        onWheel={wheel}
      >
        <svg width={width} height={layout.height} onClick={clicked} aria-hidden="true">
          <Patterns />
          <Ruler x={x} from={from} to={Math.min(to, timeline.length)} height={layout.height} zoom={step} />
          {layout.lanes.map((lane) => (
            <line class="axis" x1={0} x2={width} y1={lane.axis} y2={lane.axis} key={lane.task} />
          ))}
          <Bars timeline={timeline} layout={layout} x={x} from={from} to={to} />
          <Marks timeline={timeline} layout={layout} x={x} from={from} to={to} zoom={step} />
          <Arrows timeline={timeline} layout={layout} x={x} from={from} to={to} />
          {violation !== null && <Violation view={view} layout={layout} x={x} />}
          <line class="now" x1={x(position)} x2={x(position)} y1={15} y2={layout.height} />
          <path class="now-head" d={`M${x(position) - 5} 15h10l-5 7z`} />
        </svg>
      </div>
    </div>
  );
}

type Scale = (value: number) => number;
interface PartProps {
  readonly timeline: Timeline;
  readonly layout: Layout;
  readonly x: Scale;
  readonly from: number;
  readonly to: number;
}

function LaneName({
  layout,
  task,
  timeline,
  position,
}: {
  readonly layout: Layout;
  readonly task: number;
  readonly timeline: Timeline;
  readonly position: number;
}) {
  const lane = layout.byTask.get(task)!;
  const state = timeline.stateAt(position).tasks[task]?.state ?? 'ready';
  return (
    <g class={`lane-name ${state}`}>
      <text class="task" x={6} y={lane.axis + 4}>
        {timeline.setup.tasks[task]}
      </text>
      {[...lane.rows].map(([name, top]) => (
        <text class="lock" x={NAMES - 6} y={top + ROW - 4} text-anchor="end" key={name}>
          {layout.labels.get(name)}
        </text>
      ))}
    </g>
  );
}

function Patterns() {
  return (
    <defs>
      <pattern id="waits" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" class="wait-ground" />
        <rect width="2" height="6" class="wait-line" />
      </pattern>
      <marker id="head" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto">
        <path d="M0 0L6 3L0 6z" class="arrow-head" />
      </marker>
    </defs>
  );
}

function Ruler({
  x,
  from,
  to,
  height,
  zoom,
}: {
  readonly x: Scale;
  readonly from: number;
  readonly to: number;
  readonly height: number;
  readonly zoom: number;
}) {
  const every = [1, 2, 5, 10, 20, 50, 100].find((step) => step * zoom >= 32) ?? 200;
  const marks: number[] = [];
  for (let at = Math.max(0, Math.ceil(from / every) * every); at <= to; at += every) marks.push(at);
  return (
    <g class="ruler">
      {marks.map((at) => (
        <g key={at}>
          <line x1={x(at)} x2={x(at)} y1={TOP - 4} y2={height} />
          <text x={x(at)} y={12} text-anchor="middle">
            {at}
          </text>
        </g>
      ))}
    </g>
  );
}

function Bars({ timeline, layout, x, from, to }: PartProps) {
  return (
    <g>
      {visibleHolds(timeline, from, to).map((hold) => (
        <Bar key={`${hold.task} ${hold.kind} ${hold.lock} ${hold.from}`} {...{ hold, timeline, layout, x }} />
      ))}
    </g>
  );
}

function Bar({ hold, timeline, layout, x }: { readonly hold: Hold } & Omit<PartProps, 'from' | 'to'>) {
  const top = layout.byTask.get(hold.task)?.rows.get(hold.lock);
  if (top === undefined) return null;
  const left = x(hold.from);
  const width = Math.max(3, x(hold.to ?? timeline.length + 0.6) - left);
  const label =
    hold.kind === 'wait' ? 'waits' : hold.kind === 'read' ? 'R' : hold.kind === 'write' ? 'W' : '';
  return (
    <g class={`bar ${hold.kind}`}>
      <rect x={left} y={top + 1} width={width} height={ROW - 3} rx={2}>
        <title>
          {`${timeline.setup.tasks[hold.task]}: ${holdText(hold)}, from step ${hold.from}${hold.to === null ? '' : ` to ${hold.to}`}`}
        </title>
      </rect>
      {width > 14 + 5 * label.length && (
        <text x={left + 4} y={top + ROW - 4}>
          {label}
        </text>
      )}
    </g>
  );
}

function Marks({ timeline, layout, x, from, to, zoom }: PartProps & { readonly zoom: number }) {
  const marks = [];
  for (let at = Math.max(1, from); at <= Math.min(to, timeline.length); at++) {
    const move = timeline.moves[at - 1]!;
    const lane = layout.byTask.get(move.task);
    if (lane === undefined || (zoom < 5 && !move.isLockOperation)) continue;
    const radius = Math.min(zoom / 2.5, move.isLockOperation ? 4 : 2.2);
    marks.push(
      <circle
        key={at}
        class={move.isLockOperation ? 'mark lock' : 'mark'}
        cx={x(at)}
        cy={lane.axis}
        r={radius}
      >
        <title>{`Step ${at}: ${timeline.setup.tasks[move.task]}: ${move.place.text}`}</title>
      </circle>,
    );
  }
  return <g>{marks}</g>;
}

const curve = linkHorizontal<{ source: [number, number]; target: [number, number] }, [number, number]>();

function Arrows({ timeline, layout, x, from, to }: PartProps) {
  return (
    <g>
      {timeline.arrows
        .filter((arrow) => arrow.position >= from && arrow.position <= to)
        .map((arrow) => {
          const [start, end] = [layout.byTask.get(arrow.from), layout.byTask.get(arrow.to)];
          if (start === undefined || end === undefined) return null;
          const at = x(arrow.position);
          const gap = Math.min(10, (x(1) - x(0)) * 0.6);
          const path = curve({ source: [at - gap, start.axis], target: [at, end.axis] });
          const { tasks } = timeline.setup;
          const title =
            arrow.kind === 'wait'
              ? `${tasks[arrow.from]} makes ${tasks[arrow.to]} wait for ${arrow.lock}`
              : `${tasks[arrow.from]} wakes ${tasks[arrow.to]}`;
          return (
            <path
              key={`${arrow.kind} ${arrow.from} ${arrow.to} ${arrow.position}`}
              class={`arrow ${arrow.kind}`}
              d={path ?? ''}
              marker-end="url(#head)"
            >
              <title>{title}</title>
            </path>
          );
        })}
    </g>
  );
}

function Violation({
  view,
  layout,
  x,
}: {
  readonly view: SideView;
  readonly layout: Layout;
  readonly x: Scale;
}) {
  const { violation, timeline } = view;
  const at = x(timeline.length + 0.6);
  const lanes = layout.lanes.filter((lane) => violation!.task < 0 || lane.task === violation!.task);
  return (
    <g class="violation">
      <title>{violation!.message}</title>
      <line x1={at} x2={at} y1={TOP - 4} y2={layout.height} />
      {lanes.map((lane) => (
        <path key={lane.task} d={`M${at - 5} ${lane.axis - 5}l10 10m0 -10l-10 10`} />
      ))}
    </g>
  );
}
