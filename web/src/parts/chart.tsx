import { scaleLinear, scaleUtc } from "d3-scale";
import { area, curveMonotoneX, line } from "d3-shape";
import { useEffect, useRef, useState } from "preact/hooks";
import { useFormats } from "../words";

interface Point {
  date: string;
  value: number;
}

interface Props {
  label: string;
  points: Point[];
  from: string;
  to: string;
  /** Bars for what adds up, a line for what stands. */
  bars: boolean;
  limit: number | null;
  limitWord: string;
  /** Writes a value of the axis. */
  write: (value: number) => string;
}

const height = 152;
const margin = { top: 14, right: 6, bottom: 20, left: 44 };
const dayLength = 86_400_000;

/** Values by day, as SVG; its numbers can be read in a table beside it. */
export default function Chart({ label, points, from, to, bars, limit, limitWord, write }: Props) {
  const [box, width] = useWidth();
  const { shortDay } = useFormats();
  const [on, setOn] = useState<number | null>(null);
  const first = Date.parse(from);
  const last = Math.max(Date.parse(to), first + dayLength);
  const edge = bars ? dayLength / 2 : 0;
  const x = scaleUtc([first - edge, last + edge], [margin.left, width - margin.right]);
  const most = Math.max(...points.map(({ value }) => value), limit ?? 0, 1);
  const y = scaleLinear([0, most], [height - margin.bottom, margin.top]).nice(3);
  const at = (point: Point) => x(Date.parse(point.date));
  const chosen = on === null ? undefined : points[on];
  const dot = chosen ?? (points.length === 1 ? points[0] : undefined); // one day makes no line
  const move = (event: PointerEvent) => {
    const left = event.clientX - (box.current?.getBoundingClientRect().left ?? 0);
    setOn(nearest(points, (point) => Math.abs(at(point) - left)));
  };
  return (
    <div class="chart" ref={box} onPointerMove={move} onPointerLeave={() => setOn(null)}>
      {width > 0 && (
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
          {y.ticks(3).filter(Number.isInteger).map((tick) => (
            <g key={tick}>
              <line class="grid" x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} />
              <text x={margin.left - 6} y={y(tick) + 4} text-anchor="end">
                {write(tick)}
              </text>
            </g>
          ))}
          {bars ? (
            <Bars points={points} at={at} y={y} width={thick(x(first + dayLength) - x(first))} on={on} />
          ) : (
            <Curve points={points} at={at} y={y} />
          )}
          {limit !== null && (
            <g>
              <line class="limit" x1={margin.left} x2={width - margin.right} y1={y(limit)} y2={y(limit)} />
              <text class="limit-word" x={width - margin.right} y={y(limit) - 4} text-anchor="end">
                {limitWord} {write(limit)}
              </text>
            </g>
          )}
          {dot && !bars && <circle class="dot" cx={at(dot)} cy={y(dot.value)} r="4.5" />}
          <text x={margin.left} y={height - 3}>
            {shortDay(from)}
          </text>
          {to !== from && (
            <text x={width - margin.right} y={height - 3} text-anchor="end">
              {shortDay(to)}
            </text>
          )}
        </svg>
      )}
      {chosen && (
        <div class="tip" style={{ left: `${Math.min(Math.max(at(chosen), 60), width - 60)}px` }}>
          {shortDay(chosen.date)}: {write(chosen.value)}
        </div>
      )}
    </div>
  );
}

/** Of a bar in its place: many are thinner, never one over the next. */
function thick(place: number): number {
  return place > 6 ? place - 2 : place * 0.75;
}

interface Marks {
  points: Point[];
  at: (point: Point) => number;
  y: (value: number) => number;
}

function Bars({ points, at, y, width, on }: Marks & { width: number; on: number | null }) {
  return (
    <>
      {points.map((point, index) => (
        <rect
          class={index === on ? "bar on" : "bar"}
          key={point.date}
          x={at(point) - width / 2}
          y={y(point.value)}
          width={width}
          height={y(0) - y(point.value)}
          rx={width > 4 ? 2 : 0}
        />
      ))}
    </>
  );
}

function Curve({ points, at, y }: Marks) {
  const under = area<Point>().x(at).y0(y(0)).y1(({ value }) => y(value)).curve(curveMonotoneX);
  const over = line<Point>().x(at).y(({ value }) => y(value)).curve(curveMonotoneX);
  return (
    <>
      <path class="area" d={under(points) ?? ""} />
      <path class="curve" d={over(points) ?? ""} />
    </>
  );
}

function nearest(points: Point[], distance: (point: Point) => number): number | null {
  let best: number | null = null;
  points.forEach((point, index) => {
    if (best === null || distance(point) < distance(points[best]!)) best = index;
  });
  return best;
}

function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return [box, width] as const;
}
