// A ROI of ImageJ and Fiji (https://imagej.net/ij/developer/api/ij/ij/io/RoiDecoder.html): big-endian numbers, a header of 64 bytes,
// coordinates relative to the bounds, then, if they have fractions, the same as floats; a second header says more.

import { UserError } from "../../errors.ts";
import type { Box } from "../../geometry/box.ts";
import { groupNearby } from "../../geometry/nearby.ts";
import { ellipseRing } from "../../geometry/rotated-ring.ts";
import { boundsOf } from "../marks.ts";
import type { Place } from "../source.ts";

export interface Roi {
  /** Each with its class: a group of ROIs, or a counter of points; null for neither. */
  readonly places: readonly { readonly place: Place; readonly label: string | null }[];
  /** A ROI that is not a mark of a cell: "line"; null when it was read. */
  readonly unread: { readonly kind: string; readonly place?: Place } | null;
  /** Text and pictures drawn over the image. */
  readonly decoration: boolean;
  /** The slice of a stack; 0 for none. */
  readonly slice: number;
}

const TYPES = [
  "polygon",
  "rectangle",
  "oval",
  "line",
  "freehand line",
  "polyline",
  "no ROI",
  "freehand",
  "traced",
  "angle",
  "point",
];
const SUBTYPES = { text: 1, arrow: 2, image: 4 } as const;
const SUB_PIXEL = 128; // of the options

/** `name`: of the ROI, for errors. Throws a UserError with file and name on what is not a ROI, or is cut off. */
export function readRoi(bytes: Buffer, name: string): Roi {
  const fault = (what: string): UserError => new UserError(`${name}: ${what}; save it again in Fiji`);
  if (bytes.length < 64 || bytes.toString("latin1", 0, 4) !== "Iout") throw fault("is not a ROI of Fiji, or is cut off");
  try {
    return decoded(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw fault("is a damaged or cut off ROI");
    throw error;
  }
}

/** Throws a RangeError where the file ends too early. */
function decoded(bytes: Buffer): Roi {
  const [version, type, subtype, options] = [bytes.readUInt16BE(4), bytes[6], bytes.readUInt16BE(48), bytes.readUInt16BE(50)];
  const fractions = version >= 222 && (options & SUB_PIXEL) !== 0;
  const box = boundsIn(bytes, version >= 223 && fractions && (type === 1 || type === 2));
  const kind = TYPES[type];
  const { slice, group, counters } = readSecond(bytes);
  const label = group === 0 ? null : `group ${group}`;
  const roi = (places: readonly Place[]): Roi => {
    return { places: places.map((place) => ({ place, label })), unread: null, decoration: false, slice };
  };
  const unread = (what: string): Roi => {
    return { places: [], unread: { kind: what, place: { kind: "box", box } }, decoration: false, slice };
  };
  if (kind === "no ROI" || subtype === SUBTYPES.text || subtype === SUBTYPES.image)
    return { places: [], unread: null, decoration: true, slice };
  if (subtype === SUBTYPES.arrow) return unread("arrow");
  const segments = bytes.readInt32BE(36);
  if (kind === "rectangle" && segments > 0) return roi(compositeOutlines(bytes, segments));
  if (kind === "rectangle") return roi([{ kind: "box", box }]);
  if (kind === "oval") {
    const [x1, y1, x2, y2] = box;
    const turn = { x: (x1 + x2) / 2, y: (y1 + y2) / 2, degrees: 0 };
    return roi([{ kind: "outline", rings: [ellipseRing({ ...turn, rx: (x2 - x1) / 2, ry: (y2 - y1) / 2 })] }]);
  }
  if (kind === "point") {
    const points = coordinatesIn(bytes, box, fractions);
    const half = fractions ? 0 : 0.5; // a pixel's number means its middle
    const classes = counters(points.length / 2);
    const places = Array.from({ length: points.length / 2 }, (_, i) => {
      const place: Place = { kind: "point", x: points[2 * i] + half, y: points[2 * i + 1] + half };
      return { place, label: classes === null ? label : `counter ${classes[i]}` };
    });
    return { places, unread: null, decoration: false, slice };
  }
  if (kind === "polygon" || kind === "freehand" || kind === "traced") {
    const ring = coordinatesIn(bytes, box, fractions);
    return ring.length >= 6 ? roi([{ kind: "outline", rings: [ring] }]) : unread(`${kind} of fewer than 3 points`);
  }
  return unread(kind ?? `ROI of type ${type}`);
}

/** Beyond 32767 pixels ImageJ writes what 16 bits hold, and reads less than −5000 as that. */
function short(bytes: Buffer, at: number): number {
  const value = bytes.readInt16BE(at);
  return value < -5000 ? value + 65_536 : value;
}

function boundsIn(bytes: Buffer, exact: boolean): Box {
  if (exact) {
    const [x, y, width, height] = [18, 22, 26, 30].map((at) => finite(bytes.readFloatBE(at)));
    return [x, y, x + width, y + height];
  }
  const [top, left, bottom, right] = [8, 10, 12, 14].map((at) => short(bytes, at));
  return [left, top, right, bottom];
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError("a coordinate that is not a number");
  return value;
}

/** [x0, y0, x1, y1, …] */
function coordinatesIn(bytes: Buffer, [left, top]: Box, fractions: boolean): number[] {
  const count = bytes.readUInt16BE(16) || Math.max(0, bytes.readInt32BE(18));
  const size = fractions ? 4 : 2;
  const start = 64 + (fractions ? 4 * count : 0);
  if (start + 2 * size * count > bytes.length) throw new RangeError("beyond the file");
  const points: number[] = [];
  for (let i = 0; i < count; i++) {
    const [x, y] = [start + size * i, start + size * (count + i)];
    if (fractions) points.push(finite(bytes.readFloatBE(x)), finite(bytes.readFloatBE(y)));
    else points.push(left + bytes.readInt16BE(x), top + bytes.readInt16BE(y));
  }
  return points;
}

/** Position, group and the counters of points. */
function readSecond(bytes: Buffer): { slice: number; group: number; counters: (count: number) => number[] | null } {
  const second = bytes.readInt32BE(60);
  let slice = bytes.readInt32BE(56);
  if (second < 64 || second + 52 > bytes.length) return { slice, group: 0, counters: () => null };
  slice ||= Math.max(bytes.readInt32BE(second + 8), bytes.readInt32BE(second + 12)); // z or time
  const at = bytes.readInt32BE(second + 48);
  const counters = (count: number): number[] | null => {
    if (at < 64 || at + 4 * count > bytes.length) return null;
    const all = Array.from({ length: count }, (_, i) => bytes.readInt32BE(at + 4 * i) & 255);
    return all.some((counter) => counter > 0) ? all : null;
  };
  return { slice, group: bytes[second + 30], counters };
}

const [MOVE, LINE, QUADRATIC, CUBIC, CLOSE] = [0, 1, 2, 3, 4];

/** A path of several rings: those that lie close to or in each other are one outline. */
function compositeOutlines(bytes: Buffer, count: number): Place[] {
  if (64 + 4 * count > bytes.length) throw new RangeError("beyond the file");
  const rings: number[][] = [];
  let ring: number[] = [];
  for (let i = 0; i < count; ) {
    const segment = bytes.readFloatBE(64 + 4 * i++);
    const numbers = (n: number): number[] => {
      const values = Array.from({ length: n }, (_, k) => finite(bytes.readFloatBE(64 + 4 * (i + k))));
      i += n;
      return values;
    };
    if (segment === MOVE) rings.push((ring = numbers(2)));
    else if (segment === LINE) ring.push(...numbers(2));
    else if (segment === QUADRATIC || segment === CUBIC) ring.push(...curve(ring.slice(-2), numbers(segment === CUBIC ? 6 : 4)));
    else if (segment !== CLOSE) throw new RangeError("an unknown segment");
  }
  const closed = rings.filter(({ length }) => length >= 6);
  if (closed.length === 0) throw new RangeError("no ring");
  const bounds = closed.map((ring) => boundsOf({ kind: "outline", rings: [ring] }, 0));
  return groupNearby(bounds).map((group) => ({ kind: "outline", rings: group.map((i) => closed[i]) }));
}

const STEPS = 4;

/** Points on a Bézier curve that begins at `from`, which is not among them. */
function curve(from: readonly number[], controls: readonly number[]): number[] {
  const points: number[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const t = step / STEPS;
    for (const axis of [0, 1]) {
      let values = [from[axis] ?? controls[axis], ...controls.filter((_, i) => i % 2 === axis)];
      while (values.length > 1) values = values.slice(1).map((value, i) => values[i] * (1 - t) + value * t);
      points.push(values[0]);
    }
  }
  return points;
}
