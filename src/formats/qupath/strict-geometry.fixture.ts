// For tests: which geometries QuPath turns into regions of interest. Versions from 0.6 on put coordinates on a grid of 0.01 pixels by
// JTS's GeometryPrecisionReducer, which throws ("Reduction failed, possible invalid input") for polygons that cross themselves, whose
// holes cross or lie outside, or whose parts overlap; rings that touch at points or along edges pass, polygons without area vanish.

import { regionAt } from "../../geometry/region.ts";

export type Position = readonly number[];
type Ring = readonly Position[];

export interface StrictGeometry {
  readonly type: string;
  readonly points: readonly Position[];
  /** Each an outline and its holes, closed. */
  readonly polygons: readonly (readonly Ring[])[];
  /** Square pixels, without holes. */
  readonly area: number;
}

interface Rules {
  readonly isReduced: boolean;
  readonly fault: (message: string) => Error;
}

/** Throws where QuPath does, and for lines and polygons without extent. */
export function strictGeometry({ type, coordinates }: { type: unknown; coordinates?: unknown }, rules: Rules): StrictGeometry {
  const { fault, isReduced } = rules;
  const list = (value: unknown): unknown[] => {
    if (!Array.isArray(value)) throw fault(`expected a list of coordinates, got ${JSON.stringify(value)}`);
    return value;
  };
  const position = (value: unknown): Position => {
    const [x, y, ...more] = list(value);
    if (!Number.isFinite(x) || !Number.isFinite(y) || more.length > 1)
      throw fault(`expected [x, y], got ${JSON.stringify(value)}`);
    return [x as number, y as number];
  };
  const ring = (value: unknown): Ring => {
    const points = list(value).map(position);
    const [[x1, y1], [x2, y2]] = [points[0] ?? [0, 0], points.at(-1) ?? [1, 1]];
    if (points.length < 4 || x1 !== x2 || y1 !== y2) throw fault("a ring is not closed, or has less than four positions");
    if (areaOf(points.map((point) => point.map((c) => Math.round(c * 100) / 100))) === 0)
      throw fault("a ring without area on a grid of 0.01 pixels");
    return points;
  };
  const line = (value: unknown): Position[] => {
    const points = list(value).map(position);
    if (points.length < 2) throw fault("a line of less than two positions");
    return points;
  };
  const polygon = (value: unknown): Ring[] => {
    const rings = list(value).map(ring);
    if (rings.length === 0) throw fault("an empty polygon");
    return rings;
  };
  const polygons = type === "Polygon" ? [polygon(coordinates)] : type === "MultiPolygon" ? list(coordinates).map(polygon) : [];
  const points: Position[] =
    type === "Point"
      ? [position(coordinates)]
      : type === "MultiPoint"
        ? list(coordinates).map(position)
        : type === "LineString"
          ? line(coordinates)
          : type === "MultiLineString"
            ? list(coordinates).flatMap(line)
            : [];
  if (points.length + polygons.length === 0) throw fault(`${JSON.stringify(type)} is unknown or empty`);
  const reason = isReduced ? whyInvalid(polygons) : null;
  if (reason !== null) throw fault(`throws "Reduction failed, possible invalid input": ${reason}`);
  const area = polygons.reduce(
    (sum, [outline, ...holes]) => sum + areaOf(outline) - holes.reduce((s, hole) => s + areaOf(hole), 0),
    0,
  );
  return { type: type as string, points, polygons, area };
}

function areaOf(ring: Ring): number {
  return Math.abs(ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i][0] * y - x * ring[i][1], 0)) / 2;
}

/** Null when nothing crosses or overlaps. */
function whyInvalid(polygons: StrictGeometry["polygons"]): string | null {
  const edges = polygons.flatMap((rings) => rings.flatMap((ring) => ring.slice(1).map((end, i): Edge => [ring[i], end])));
  edges.sort((a, b) => leftOf(a) - leftOf(b));
  for (let i = 0; i < edges.length; i++)
    for (let j = i + 1; j < edges.length && leftOf(edges[j]) <= rightOf(edges[i]); j++)
      if (cross(edges[i], edges[j])) return `edges cross near ${edges[i][0]}`;
  for (const [outline, ...holes] of polygons)
    for (const [i, hole] of holes.entries()) {
      if (isInside(hole, outline) === false) return "a hole lies outside of its outline";
      if (holes.some((other, j) => j !== i && isInside(hole, other) === true)) return "a hole lies in another";
    }
  for (const [i, [outline]] of polygons.entries())
    for (const [j, [other, ...holes]] of polygons.entries())
      if (i !== j && isInside(outline, other) === true && !holes.some((hole) => isInside(outline, hole) !== false))
        return "parts overlap";
  return null;
}

type Edge = readonly [Position, Position];
const leftOf = ([[x1], [x2]]: Edge): number => Math.min(x1, x2);
const rightOf = ([[x1], [x2]]: Edge): number => Math.max(x1, x2);

/** Whether two edges cross at a point inside both. */
function cross([a, b]: Edge, [c, d]: Edge): boolean {
  const side = (p: Position, q: Position, r: Position) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Of the first corner of `ring` that is not on the other's edges; null when all are. */
function isInside(ring: Ring, other: Ring): boolean | null {
  const rings = [other.slice(1).flat()];
  const corner = ring.find((point) => !other.slice(1).some((end, i) => isOn(point, [other[i], end])));
  return corner === undefined ? null : regionAt([{ kind: "complete", rings }], corner[0], corner[1]) !== null;
}

function isOn([x, y]: Position, [[x1, y1], [x2, y2]]: Edge): boolean {
  const within = x >= Math.min(x1, x2) && x <= Math.max(x1, x2) && y >= Math.min(y1, y2) && y <= Math.max(y1, y2);
  return within && Math.abs((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) < 1e-9;
}
