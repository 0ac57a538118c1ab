// Checks that an image file is complete by its end, without decoding, so that thousands take seconds.
// PNG ends with the chunk IEND (https://www.w3.org/TR/png-3/#5Chunk-layout), JPEG with the marker EOI (ITU-T T.81, B.1.1.3);
// a TIFF has no end marker, but its first directory says where each strip or tile of pixels is (TIFF 6.0, section 2; BigTIFF).

import { type FileHandle, open } from "node:fs/promises";
import { type ImageHeader, imageSize, readImage } from "../data/image-file.ts";

/**
 * The size of an image as `readImage` would give it. Only the header and the end of the file are read, unless they are
 * inconclusive or `verify` is set; then every pixel is decoded. Throws a UserError that names the file when it is missing, not
 * an image or cut off; damage in the middle is found only with `verify`.
 */
export async function checkedImageSize(file: string, { verify = false } = {}): Promise<ImageHeader> {
  const size = await imageSize(file);
  if (verify || !(await endsWhole(file))) await readImage(file);
  return size;
}

const IEND = Buffer.from("0000000049454e44ae426082", "hex");
const EOI = Buffer.from("ffd9", "hex");

/** Also false when the end is inconclusive, for instance when other data follow the image. */
async function endsWhole(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const start = await bytes(handle, 0, 8);
    if (start[0] === 0x89) return (await bytes(handle, size - IEND.length, IEND.length)).equals(IEND);
    if (start[0] === 0xff) return (await bytes(handle, size - EOI.length, EOI.length)).equals(EOI);
    const extent = await tiffExtent(handle, start);
    return extent !== null && extent <= size;
  } catch (error) {
    if (error instanceof RangeError) return false; // it refers beyond its end
    throw error;
  } finally {
    await handle.close();
  }
}

// Tags of a TIFF directory, and the sizes of their types: SHORT, LONG and LONG8.
const OFFSETS = new Set([273, 324]); // StripOffsets, TileOffsets
const LENGTHS = new Set([279, 325]); // StripByteCounts, TileByteCounts
const TYPE_SIZES: { readonly [type: number]: number } = { 3: 2, 4: 4, 16: 8 };

/** The end of the last strip or tile of the first page, in bytes; null when the directory does not say. */
async function tiffExtent(handle: FileHandle, start: Buffer): Promise<number | null> {
  const little = start.toString("latin1", 0, 2) === "II";
  const unsigned = (buffer: Buffer, at: number, size: number): number =>
    size === 8
      ? Number(little ? buffer.readBigUInt64LE(at) : buffer.readBigUInt64BE(at))
      : little
        ? buffer.readUIntLE(at, size)
        : buffer.readUIntBE(at, size);
  const big = unsigned(start, 2, 2) === 43;
  const word = big ? 8 : 4; // of offsets and counts
  const entrySize = big ? 20 : 12;
  const directory = unsigned(big ? await bytes(handle, 8, 8) : start.subarray(4), 0, word);
  const entries = unsigned(await bytes(handle, directory, 8), 0, big ? 8 : 2);
  if (entries > 4096) return null;
  const table = await bytes(handle, directory + (big ? 8 : 2), entries * entrySize);

  let [offsets, lengths]: number[][] = [[], []];
  for (let at = 0; at < table.length; at += entrySize) {
    const tag = unsigned(table, at, 2);
    if (OFFSETS.has(tag)) offsets = await values(at);
    if (LENGTHS.has(tag)) lengths = await values(at);
  }
  if (offsets.length === 0 || offsets.length !== lengths.length) return null;
  return offsets.reduce((end, offset, i) => Math.max(end, offset + lengths[i]), 0);

  /** The values of the entry at `at`: stored in it if they fit, otherwise where it points to. */
  async function values(at: number): Promise<number[]> {
    const size = TYPE_SIZES[unsigned(table, at + 2, 2)];
    const count = unsigned(table, at + 4, word);
    if (size === undefined || count > 1e7) return [];
    const field = table.subarray(at + 4 + word, at + entrySize);
    const stored = size * count <= word ? field : await bytes(handle, unsigned(field, 0, word), size * count);
    return Array.from({ length: count }, (_, i) => unsigned(stored, i * size, size));
  }
}

/** `length` bytes from `position` on. Throws a RangeError when the file is shorter. */
async function bytes(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  if (position < 0) throw new RangeError("before the file");
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new RangeError("beyond the file");
  return buffer;
}
