// A made slide of any size in a file of a few megabytes: a tiled JPEG pyramid in classic TIFF, whose many tiles are few pictures of
// tissue and one of glass, to which the tables of all levels point again and again.

import { writeFileSync } from "node:fs";
import sharp from "sharp";

const TILE = 256;
const PICTURES = 4;
const [SHORT, LONG, RATIONAL] = [3, 4, 5];
const SIZES = { [SHORT]: 2, [LONG]: 4, [RATIONAL]: 4 };

/**
 * Tissue on the uppermost `tissueHeight` of `side` × `side` pixels of `mpp` µm: noise in the colour of nuclei, or `picture`, square and
 * with sides of a multiple of 256, again and again, mirrored at its edges.
 */
export async function writeMadeSlide(file, { side, tissueHeight, random, mpp = 0.25, picture }) {
  const head = Buffer.from("II*\0\0\0\0\0", "latin1");
  const parts = [head];
  let end = head.length;
  const put = (bytes) => {
    parts.push(bytes, Buffer.alloc(bytes.length % 2));
    const at = end;
    end += bytes.length + (bytes.length % 2);
    return at;
  };
  const place = (bytes) => ({ offset: put(bytes), bytes: bytes.length });
  const glass = place(await jpeg(noise([240, 240, 240], 8, random)));
  const noises = [];
  if (!picture) for (let i = 0; i < PICTURES; i++) noises.push(place(await jpeg(noise([140, 60, 120], 80, random))));
  const perCentimetre = Math.round(10_000 / mpp);

  let link = { buffer: head, at: 4 };
  for (let level = 0; level === 0 || side >> (level - 1) > TILE; level++) {
    const width = side >> level;
    const across = Math.ceil(width / TILE);
    const shown = picture ? await mirrored(picture, level) : null; // rows of tiles
    const parts = shown && [];
    for (const row of shown ?? []) {
      const places = [];
      for (const tile of row) places.push(place(await jpeg(tile)));
      parts.push(places);
    }
    const tiles = Array.from({ length: across * across }, (_, i) => {
      const [column, row] = [i % across, Math.floor(i / across)];
      if ((row + 0.5) * TILE >= tissueHeight >> level) return glass;
      return parts ? parts[row % parts.length][column % parts.length] : noises[(column + 3 * row) % PICTURES];
    });
    const entries = [
      [254, LONG, [level === 0 ? 0 : 1]],
      [256, LONG, [width]],
      [257, LONG, [width]],
      [258, SHORT, [8, 8, 8]],
      [259, SHORT, [7]], // JPEG
      [262, SHORT, [6]], // YCbCr
      [277, SHORT, [3]],
      [282, RATIONAL, [perCentimetre >> level, 1]],
      [283, RATIONAL, [perCentimetre >> level, 1]],
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
function noise(darkest, range, random) {
  const bytes = Buffer.alloc(3 * TILE * TILE);
  for (let i = 0; i < bytes.length; i++) bytes[i] = darkest[i % 3] + random.integer(range);
  return sharp(bytes, { raw: { width: TILE, height: TILE, channels: 3 } }).blur(2);
}

/** The rows of tiles of a level that show a picture and its mirror images; they may be repeated. */
async function mirrored({ data, width }, level) {
  const raw = { width, height: width, channels: 3 };
  const small = Math.max(1, width >> level);
  const one = await sharp(Buffer.from(data), { raw }).resize(small, small).raw().toBuffer();
  const side = Math.max(TILE, 2 * small); // of what is repeated
  const all = Buffer.alloc(3 * side * side);
  const at = (i) => (i % (2 * small) < small ? i % small : small - 1 - (i % small));
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      one.copy(all, 3 * (y * side + x), 3 * (at(y) * small + at(x)), 3 * (at(y) * small + at(x)) + 3);
  const count = side / TILE;
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: count }, (_, column) =>
      sharp(all, { raw: { width: side, height: side, channels: 3 } }).extract({
        left: column * TILE,
        top: row * TILE,
        width: TILE,
        height: TILE,
      }),
    ),
  );
}

const jpeg = (image) => image.jpeg({ quality: 90, chromaSubsampling: "4:4:4" }).toBuffer();
