// A small line chart, drawn as SVG.

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  readonly look: "first" | "second";
}

interface Shape {
  readonly title: string;
  readonly lines: readonly Line[];
  /** The range of the axis; by the numbers if it is absent. */
  readonly range?: readonly [number, number];
  readonly format: (value: number) => string;
  readonly dots?: boolean;
}

const [width, height] = [300, 120];
const edge = { left: 40, right: 8, top: 8, bottom: 20 };

/** Round numbers that divide a range into two to five parts. */
export function ticks(low: number, high: number): number[] {
  const span = high - low || 1;
  const ten = 10 ** Math.floor(Math.log10(span));
  const step = [0.2, 0.25, 0.5, 1, 2].map((part) => part * ten).find((size) => span / size <= 5)!;
  const found: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(Number((i * step).toPrecision(6)));
  return found;
}

export function Chart({ title, lines, range, format, dots }: Shape) {
  const all = lines.flatMap(({ points }) => points);
  const lastStep = Math.max(1, ...all.map(([step]) => step));
  const values = all.map(([, value]) => value);
  const [low, high] = range ?? [Math.min(0, ...values), Math.max(0.001, ...values) * 1.05];
  const x = (step: number) => edge.left + (step / lastStep) * (width - edge.left - edge.right);
  const y = (value: number) => height - edge.bottom - ((value - low) / (high - low || 1)) * (height - edge.top - edge.bottom);
  const last = lines.map(({ name, points }) => `${name} ${points.length > 0 ? format(points.at(-1)![1]) : "not measured"}`);
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong>
        {lines.map(({ name, points, look }) => (
          <span key={name} class={`series ${look}`}>
            {name} {points.length > 0 ? format(points.at(-1)![1]) : "–"}
          </span>
        ))}
      </figcaption>
      {all.length === 0 ? (
        <p class="note">Nothing is measured yet.</p>
      ) : (
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}: ${last.join(", ")}`}>
          {ticks(low, high).map((value) => (
            <g key={value}>
              <line class="grid" x1={edge.left} x2={width - edge.right} y1={y(value)} y2={y(value)} />
              <text x={edge.left - 5} y={y(value) + 3.5} text-anchor="end">
                {format(value)}
              </text>
            </g>
          ))}
          {ticks(0, lastStep)
            .filter(Number.isInteger)
            .map((step) => (
              <text
                key={step}
                x={x(step)}
                y={height - 5}
                text-anchor={step === 0 ? "start" : x(step) > width - 24 ? "end" : "middle"}
              >
                {step}
              </text>
            ))}
          {lines.map(({ name, points, look }) => (
            <g key={name} class={`series ${look}`}>
              <polyline
                points={thinned(points)
                  .map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`)
                  .join(" ")}
              />
              {dots && points.map(([step, value]) => <circle key={step} cx={x(step)} cy={y(value)} r="2.5" />)}
            </g>
          ))}
        </svg>
      )}
    </figure>
  );
}

/** At most 300 points: means of neighbours. */
export function thinned(points: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const size = Math.ceil(points.length / 300);
  if (size <= 1) return points;
  const means: [number, number][] = [];
  for (let i = 0; i < points.length; i += size) {
    const part = points.slice(i, i + size);
    means.push([part.at(-1)![0], part.reduce((sum, [, value]) => sum + value, 0) / part.length]);
  }
  return means;
}
