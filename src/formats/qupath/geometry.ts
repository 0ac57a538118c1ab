// The geometry of an object of QuPath (RFC 7946, section 3.1) as places: each point, each polygon with its holes, and what is
// neither, by its type.

import type { JsonCursor } from "../json-cursor.ts";
import type { Place } from "../source.ts";

export interface GeometryParts {
  readonly points: readonly Place[];
  /** Each polygon's rings: the outline, then its holes. */
  readonly polygons: readonly (readonly number[][])[];
  /** Lines, with their place, and geometries of another type, without one. */
  readonly others: readonly { readonly kind: string; readonly place?: Place }[];
}

/** The parts of a geometry, collections included, without polygons of no point. Throws a UserError with file and line where it is malformed. */
export function geometryParts(geometry: JsonCursor): GeometryParts {
  const points: Place[] = [];
  const polygons: number[][][] = [];
  const others: { kind: string; place?: Place }[] = [];
  const stack = [geometry];
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    const kind = part.at("type").text();
    const coordinates = part.at("coordinates");
    const polygon = (rings: JsonCursor) => {
      const [outline, ...holes] = rings.items().map(ringOf);
      if (outline !== undefined && outline.length > 0) polygons.push([outline, ...holes]);
    };
    const line = (positions: JsonCursor) => others.push({ kind, place: { kind: "outline", rings: [ringOf(positions)] } });
    if (kind === "Point") points.push(pointOf(coordinates));
    else if (kind === "MultiPoint") for (const point of coordinates.items()) points.push(pointOf(point));
    else if (kind === "Polygon") polygon(coordinates);
    else if (kind === "MultiPolygon") for (const rings of coordinates.items()) polygon(rings);
    else if (kind === "GeometryCollection") for (const inner of part.at("geometries").items().reverse()) stack.push(inner);
    else if (kind === "LineString") line(coordinates);
    else if (kind === "MultiLineString") for (const positions of coordinates.items()) line(positions);
    else others.push({ kind });
  }
  return { points, polygons, others };
}

const pointOf = (position: JsonCursor): Place => ({ kind: "point", x: position.at(0).number(), y: position.at(1).number() });

/** Without its last point, which repeats the first. */
function ringOf(positions: JsonCursor): number[] {
  if (!Array.isArray(positions.value)) throw positions.fault("expected a list of [x, y]");
  const ring = positions.value.flatMap((position: unknown, i) => {
    const [x, y] = Array.isArray(position) ? position : [];
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw positions.at(i).fault("expected [x, y], two finite numbers of pixels");
    return [x, y] as [number, number];
  });
  const closed = ring.length > 2 && ring[0] === ring.at(-2) && ring[1] === ring.at(-1);
  return closed ? ring.slice(0, -2) : ring;
}
