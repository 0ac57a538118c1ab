// TIFF files made byte by byte, for what libvips does not write: 32 bits, tags of range and of extra samples, mixed pages.

/** A page: its pixels in file order, uncompressed, in one strip. Arrays of one type give its depth. */
export interface TiffPage {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;
  readonly channels?: number;
  /** 0 white is zero, 1 black is zero, 2 RGB, 3 palette, 5 CMYK. */
  readonly photometric?: number;
  /** ExtraSamples: 0 unspecified, 1 premultiplied alpha, 2 alpha. */
  readonly extra?: readonly number[];
  /** Further tags, all of type SHORT; the text of ImageDescription. */
  readonly shorts?: { readonly [tag: number]: readonly number[] };
  readonly description?: string;
}

const [SHORT, LONG, ASCII] = [3, 4, 2];
const SIZES: { readonly [type: number]: number } = { [SHORT]: 2, [LONG]: 4, [ASCII]: 1 };

/** A little-endian TIFF file of the pages. */
export function tiff(...pages: readonly TiffPage[]): Buffer {
  const head: Buffer = Buffer.from("49492a0000000000", "hex");
  const parts: Buffer[] = [head];
  let end = head.length;
  let link: { buffer: Buffer; at: number } = { buffer: head, at: 4 };
  for (const page of pages) {
    const strip = padded(Buffer.from(page.values.buffer, page.values.byteOffset, page.values.byteLength));
    const entries = entriesOf(page, end);
    const directory = Buffer.alloc(2 + 12 * entries.length + 4);
    const at = end + strip.length;
    link.buffer.writeUInt32LE(at, link.at);
    link = { buffer: directory, at: directory.length - 4 };
    end = at + directory.length;
    parts.push(strip, directory);
    directory.writeUInt16LE(entries.length, 0);
    for (const [i, [tag, type, numbers]] of entries.entries()) {
      const entry = directory.subarray(2 + 12 * i, 14 + 12 * i);
      entry.writeUInt16LE(tag, 0);
      entry.writeUInt16LE(type, 2);
      entry.writeUInt32LE(numbers.length, 4);
      const bytes = Buffer.alloc(Math.max(4, numbers.length * SIZES[type]));
      for (const [k, number] of numbers.entries()) bytes.writeUIntLE(number, k * SIZES[type], SIZES[type]);
      if (bytes.length === 4) bytes.copy(entry, 8);
      else {
        entry.writeUInt32LE(end, 8);
        parts.push(padded(bytes));
        end += parts[parts.length - 1].length;
      }
    }
  }
  return Buffer.concat(parts);
}

type Entry = readonly [tag: number, type: number, numbers: readonly number[]];

function entriesOf(page: TiffPage, stripAt: number): Entry[] {
  const { width, height, values, channels = 1, photometric = channels === 3 ? 2 : 1 } = page;
  const format = /^Float/.test(values.constructor.name) ? 3 : /^Int/.test(values.constructor.name) ? 2 : 1;
  const entries: Entry[] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, Array(channels).fill(8 * values.BYTES_PER_ELEMENT)],
    [259, SHORT, [1]],
    [262, SHORT, [photometric]],
    [273, LONG, [stripAt]],
    [277, SHORT, [channels]],
    [278, LONG, [height]],
    [279, LONG, [values.byteLength]],
    [339, SHORT, Array(channels).fill(format)],
  ];
  if (page.description !== undefined) entries.push([270, ASCII, [...Buffer.from(`${page.description}\0`)]]);
  if (page.extra) entries.push([338, SHORT, page.extra]);
  for (const [tag, numbers] of Object.entries(page.shorts ?? {})) entries.push([Number(tag), SHORT, numbers]);
  return entries.sort(([a], [b]) => a - b);
}

const padded = (bytes: Buffer): Buffer => (bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]));
