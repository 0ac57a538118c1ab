// ROIs of Fiji made byte by byte, and zip archives of files.

import { crc32, deflateRawSync } from "node:zlib";

export interface RoiSample {
  /** 0 polygon, 1 rectangle, 2 oval, 3 line, 7 freehand, 10 point … */
  readonly type: number;
  readonly subtype?: number;
  /** top, left, bottom, right */
  readonly bounds: readonly [number, number, number, number];
  /** In pixels of the image; written relative to the bounds. */
  readonly points?: readonly (readonly [number, number])[];
  /** Write the points, or the bounds, as floats too. */
  readonly fractions?: boolean;
  /** A path of segments: a rectangle that is a composite. */
  readonly path?: readonly number[];
  readonly position?: number;
  readonly group?: number;
  /** One for each point. */
  readonly counters?: readonly number[];
}

export function roiBytes(sample: RoiSample): Buffer {
  const { type, subtype = 0, bounds, points = [], fractions = false, path = [], position = 0, group = 0, counters = [] } = sample;
  const size = path.length > 0 ? 4 * path.length : points.length * (fractions ? 12 : 4);
  const second = 64 + size;
  const bytes = Buffer.alloc(second + 52 + 4 * counters.length);
  bytes.write("Iout", "latin1");
  bytes.writeUInt16BE(228, 4);
  bytes[6] = type;
  bounds.forEach((value, i) => bytes.writeUInt16BE(value & 0xffff, 8 + 2 * i));
  bytes.writeUInt16BE(points.length, 16);
  bytes.writeUInt16BE(subtype, 48);
  bytes.writeUInt16BE(fractions ? 128 : 0, 50);
  bytes.writeInt32BE(path.length, 36);
  bytes.writeInt32BE(position, 56);
  bytes.writeInt32BE(second, 60);
  const [top, left, bottom, right] = bounds;
  if (fractions && points.length === 0)
    [left, top, right - left, bottom - top].forEach((value, i) => bytes.writeFloatBE(value, 18 + 4 * i));
  path.forEach((value, i) => bytes.writeFloatBE(value, 64 + 4 * i));
  points.forEach(([x, y], i) => {
    bytes.writeInt16BE(Math.trunc(x - left), 64 + 2 * i);
    bytes.writeInt16BE(Math.trunc(y - top), 64 + 2 * (points.length + i));
    if (fractions) {
      bytes.writeFloatBE(x, 64 + 4 * (points.length + i));
      bytes.writeFloatBE(y, 64 + 4 * (2 * points.length + i));
    }
  });
  bytes[second + 30] = group;
  if (counters.length > 0) bytes.writeInt32BE(second + 52, second + 48);
  counters.forEach((value, i) => bytes.writeInt32BE(value, second + 52 + 4 * i));
  return bytes;
}

/** Files by name, deflated or stored. */
export function zipBytes(files: { readonly [name: string]: Uint8Array }, { stored = false } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = stored ? Buffer.from(content) : deflateRawSync(content);
    const [local, central, path] = [Buffer.alloc(30), Buffer.alloc(46), Buffer.from(name)];
    local.writeUInt32LE(0x04034b50, 0);
    central.writeUInt32LE(0x02014b50, 0);
    for (const [header, at] of [
      [local, 8],
      [central, 10],
    ] as const) {
      header.writeUInt16LE(stored ? 0 : 8, at);
      header.writeUInt32LE(crc32(content), at + 6);
      header.writeUInt32LE(data.length, at + 10);
      header.writeUInt32LE(content.length, at + 14);
      header.writeUInt16LE(path.length, at + 18);
    }
    central.writeUInt32LE(offset, 42);
    parts.push(local, path, data);
    directory.push(central, path);
    offset += 30 + path.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
