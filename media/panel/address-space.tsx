import { scaleLinear } from 'd3-scale';
import { useMemo } from 'preact/hooks';
import type { SideView } from './store.ts';
import { countText, hex, sequenceText } from './text.ts';
import { useWidth } from './use-width.ts';

const STRIP = 40;
const REPORTED = 14;
const GAP = 6;

/** The address space of each mm as a strip, its VMAs to scale; under it what a reader has reported so far. */
export function AddressSpace({ view, position }: { readonly view: SideView; readonly position: number }) {
  const [box, width] = useWidth<HTMLDivElement>(600);
  const { timeline } = view;
  const state = timeline.stateAt(position);
  const { tasks } = timeline.setup;
  const { reports, reach } = useReports(view, position);
  const all = [...timeline.setup.before.vmas, ...state.vmas];
  const low = Math.min(...all.map((vma) => vma.start), reach.low);
  const high = Math.max(...all.map((vma) => vma.end), reach.high);
  if (!Number.isFinite(low) || high <= low)
    return (
      <div ref={box}>
        <p class="nothing">This scenario has no VMAs.</p>
      </div>
    );
  const x = scaleLinear([low, high], [2, width - 2]);
  const edges = [...new Set(all.flatMap((vma) => [vma.start, vma.end]))].sort((a, b) => a - b);
  // Room for them from the start, so that nothing below moves.
  const reported = timeline.reports.length > 0 ? REPORTED : 4;
  const mms = [...new Set(state.sequences.map((one) => one.mm))];
  // A VMA that is in no tree lies under the strip: it shares its addresses with others.
  return (
    <div class="spaces" ref={box}>
      {mms.map((mm) => {
        const vmas = state.vmas.filter((vma) => vma.mm === mm);
        const inside = vmas.filter((vma) => vma.isInTree);
        const outside = vmas.filter((vma) => !vma.isInTree);
        const height = STRIP + (outside.length > 0 ? STRIP - 14 + GAP : 0) + reported + 14;
        const below = STRIP + (outside.length > 0 ? STRIP - 14 + GAP : 0);
        const described = [
          ...inside.map(
            (vma) => `${vma.name} from ${hex(vma.start)} to ${hex(vma.end)}${stateOf(vma, tasks)}`,
          ),
          ...outside.map((vma) => `${vma.name} in no tree${stateOf(vma, tasks)}`),
          ...reports.map((one) => `reported ${hex(one.start)} to ${hex(one.end)}`),
        ].join('; ');
        return (
          <figure key={mm}>
            {mms.length > 1 && <figcaption>{mm}</figcaption>}
            <svg
              class="space"
              width={width}
              height={height}
              role="img"
              aria-label={`Address space of ${mm}: ${described || 'empty'}`}
            >
              <rect class="ground" x={0} y={0} width={width} height={STRIP} rx={3} />
              {inside.map((vma) => (
                <Vma key={vma.name} vma={vma} x={x} top={2} height={STRIP - 4} tasks={tasks} />
              ))}
              {outside.map((vma) => (
                <Vma key={vma.name} vma={vma} x={x} top={STRIP + GAP} height={STRIP - 16} tasks={tasks} />
              ))}
              <g class="reports">
                {reports.map((one, i) => (
                  <rect
                    key={i}
                    x={x(one.start) + 1}
                    y={below + 4}
                    width={Math.max(2, x(one.end) - x(one.start) - 2)}
                    height={REPORTED - 6}
                  >
                    <title>{`${tasks[one.task]} reported ${hex(one.start)}–${hex(one.end)} at step ${one.position}`}</title>
                  </rect>
                ))}
              </g>
              {edges.map((edge, i) => (
                <text
                  key={edge}
                  class="edge"
                  x={x(edge)}
                  y={height - 3}
                  text-anchor={i === 0 ? 'start' : i === edges.length - 1 ? 'end' : 'middle'}
                >
                  {hex(edge)}
                </text>
              ))}
            </svg>
          </figure>
        );
      })}
      {reports.length > 0 && <p class="legend">Under the strip: what the reader has reported so far.</p>}
    </div>
  );
}

/**
 * What was reported up to a position, each range once however often, and how far all reports reach. A reader that
 * goes round and round reports thousands of times, and most steps report nothing.
 */
function useReports({ timeline, schedule }: SideView, position: number) {
  const all = timeline.reports;
  const count = all.findLastIndex((report) => report.position <= position) + 1;
  const reports = useMemo(() => {
    const ranges = new Map(
      all.slice(0, count).map((one) => [`${one.task} ${one.start} ${one.end}`, one] as const),
    );
    return [...ranges.values()];
  }, [timeline, schedule, count]);
  const reach = useMemo(() => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { start, end } of all) [low, high] = [Math.min(low, start), Math.max(high, end)];
    return { low, high };
  }, [timeline, schedule, all.length]);
  return { reports, reach };
}

type VmaState = SideView['timeline']['setup']['before']['vmas'][number];

function stateOf(vma: VmaState, tasks: readonly string[]): string {
  const words = [
    vma.isFreed ? 'freed' : vma.isDetached ? 'detached' : '',
    vma.isWriteLocked ? 'write-locked' : '',
    ...vma.readers.map((task) => `read-locked by ${tasks[task]}`),
  ].filter((word) => word !== '');
  return words.length > 0 ? `, ${words.join(', ')}` : '';
}

function Vma({
  vma,
  x,
  top,
  height,
  tasks,
}: {
  readonly vma: VmaState;
  readonly x: (value: number) => number;
  readonly top: number;
  readonly height: number;
  readonly tasks: readonly string[];
}) {
  const left = x(vma.start);
  const width = Math.max(4, x(vma.end) - left);
  const kind = vma.isFreed
    ? 'freed'
    : vma.isDetached
      ? 'detached'
      : vma.isWriteLocked
        ? 'write'
        : vma.readers.length > 0
          ? 'read'
          : 'free';
  const readers = vma.readers.map((task) => `R ${tasks[task]}`).join(' ');
  const facts = `ref ${countText(vma.refcnt)}  seq ${sequenceText(vma.lockSeq)}`;
  const room = width / 7;
  return (
    <g class={`vma ${kind}`}>
      <title>{`${vma.name} ${hex(vma.start)}–${hex(vma.end)}: ${facts}${stateOf(vma, tasks)}`}</title>
      <rect x={left + 1} y={top} width={width - 2} height={height} rx={3} />
      {(vma.isDetached || vma.isFreed) && (
        <path class="struck" d={`M${left + 4} ${top + height - 3}L${left + width - 4} ${top + 3}`} />
      )}
      <text class="name" x={left + 8} y={top + (height > 30 ? 15 : height / 2 + 4)}>
        {vma.name}
        {vma.isWriteLocked && ' W'}
        {readers !== '' && room > readers.length + 4 && ` ${readers}`}
        {vma.isFreed ? ' freed' : vma.isDetached && !vma.isInTree && room > 12 ? ' detached' : ''}
      </text>
      {height > 30 && room > facts.length && (
        <text class="facts" x={left + 8} y={top + 29}>
          {facts}
        </text>
      )}
    </g>
  );
}
