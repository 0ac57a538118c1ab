// A made slide of any size in a file of a few megabytes: a tiled JPEG pyramid in classic TIFF, whose many tiles are four pictures of
// tissue and one of glass, to which the tables of all levels point again and again.

import { writeFileSync } from "node:fs";
import sharp from "sharp";

const TILE = 256;
const PICTURES = 4;
const [SHORT, LONG, RATIONAL] = [3, 4, 5];
const SIZES = { [SHORT]: 2, [LONG]: 4, [RATIONAL]: 4 };

/** Tissue on the uppermost `tissueHeight` of `side` × `side` pixels, 0.25 µm each. */
export async function writeMadeSlide(file, { side, tissueHeight, random }) {
  const head = Buffer.from("II*\0\0\0\0\0", "latin1");
  const parts = [head];
  let end = head.length;
  const put = (bytes) => {
    parts.push(bytes, Buffer.alloc(bytes.length % 2));
    const at = end;
    end += bytes.length + (bytes.length % 2);
    return at;
  };
  const pictures = [];
  for (let i = 0; i < PICTURES; i++) pictures.push(await jpeg([140, 60, 120], 80, random));
  pictures.push(await jpeg([240, 240, 240], 8, random));
  const places = pictures.map((bytes) => ({ offset: put(bytes), bytes: bytes.length }));

  let link = { buffer: head, at: 4 };
  for (let level = 0; level === 0 || side >> (level - 1) > TILE; level++) {
    const width = side >> level;
    const across = Math.ceil(width / TILE);
    const tiles = Array.from({ length: across * across }, (_, i) => {
      const [column, row] = [i % across, Math.floor(i / across)];
      return places[(row + 0.5) * TILE < tissueHeight >> level ? (column + 3 * row) % PICTURES : PICTURES];
    });
    const entries = [
      [254, LONG, [level === 0 ? 0 : 1]],
      [256, LONG, [width]],
      [257, LONG, [width]],
      [258, SHORT, [8, 8, 8]],
      [259, SHORT, [7]], // JPEG
      [262, SHORT, [6]], // YCbCr
      [277, SHORT, [3]],
      [282, RATIONAL, [40_000 >> level, 1]],
      [283, RATIONAL, [40_000 >> level, 1]],
      [296, SHORT, [3]], // per centimetre
      [322, SHORT, [TILE]],
      [323, SHORT, [TILE]],
      [324, LONG, tiles.map(({ offset }) => offset)],
      [325, LONG, tiles.map(({ bytes }) => bytes)],
      [530, SHORT, [1, 1]],
    ];
    const table = Buffer.alloc(2 + 12 * entries.length + 4);
    table.writeUInt16LE(entries.length);
    for (const [i, [tag, type, numbers]] of entries.entries()) {
      const at = 2 + 12 * i;
      const size = SIZES[type];
      const values = Buffer.alloc(size * numbers.length);
      for (const [k, number] of numbers.entries()) values.writeUIntLE(number, k * size, size);
      table.writeUInt16LE(tag, at);
      table.writeUInt16LE(type, at + 2);
      table.writeUInt32LE(numbers.length / (type === RATIONAL ? 2 : 1), at + 4);
      if (values.length <= 4) values.copy(table, at + 8);
      else table.writeUInt32LE(put(values), at + 8);
    }
    link.buffer.writeUInt32LE(put(table), link.at);
    link = { buffer: table, at: table.length - 4 };
  }
  writeFileSync(file, Buffer.concat(parts));
}

/** A tile of smoothed noise. */
async function jpeg(darkest, range, random) {
  const noise = Buffer.alloc(3 * TILE * TILE);
  for (let i = 0; i < noise.length; i++) noise[i] = darkest[i % 3] + random.integer(range);
  return sharp(noise, { raw: { width: TILE, height: TILE, channels: 3 } })
    .blur(2)
    .jpeg({ quality: 90, chromaSubsampling: "4:4:4" })
    .toBuffer();
}
