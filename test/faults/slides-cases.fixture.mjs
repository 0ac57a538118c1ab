// Small made slides for every reader, and those that SLIDE=FILE:FILE names. A trial damages one, in its bytes or on purpose in its directories, opens it and reads three
// windows of it: an overview, a part of level 0, and one that reaches beyond the slide.

import { deepStrictEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { openSlide } from "../../dist/slides/open-slide.js";
import { openslideSlide } from "../../dist/slides/openslide.js";
import { openslideVersion } from "../../dist/slides/openslide-process.js";
import { readWindow } from "../../dist/slides/read-window.js";
import { ndpiBytes, picture, pyramid, slideBytes } from "../../dist/slides/slide.fixture.js";
import { otherFormat } from "../../dist/slides/slide-format.js";
import { handMade, mutatedBytes, put } from "./mutations.fixture.mjs";

const levels = pyramid(picture(300, 210), 100);
const aperio = "Aperio Image Library v11\r\n300x210 (64x64) JPEG/RGB Q=30|AppMag = 20|MPP = 0.499";
const ome =
  '<?xml version="1.0"?><OME><Image><Pixels SizeX="300" SizeY="210" SizeC="3" PhysicalSizeX="0.5" PhysicalSizeY="0.5"/></Image></OME>';
const common = { levels, tile: 64, resolution: 20_000, label: picture(40, 50) };

const made = {
  "tiled TIFF": { ...common, compression: "deflate" },
  "BigTIFF, big-endian": { ...common, compression: "none", big: true, bigEndian: true },
  "SVS with JPEG tiles": { ...common, description: aperio },
  "OME-TIFF with SubIFDs": { ...common, description: ome, subIfds: true, big: true },
};

const windows = (width, height) => [
  [
    { x: 0, y: 0, width, height },
    { width: 60, height: 42 },
  ],
  [
    { x: width / 3, y: height / 3, width: 96, height: 64 },
    { width: 96, height: 64 },
  ],
  [
    { x: width - 50, y: -20.5, width: 130, height: 130 },
    { width: 100, height: 100 },
  ],
];

async function readAll(slide, read) {
  try {
    for (const [window, size] of windows(slide.width, slide.height)) {
      const { image, badTiles } = await read(window, size);
      deepStrictEqual([image.width, image.height, image.data.length], [size.width, size.height, 3 * size.width * size.height]);
      ok(badTiles.every((name) => /^level \d+, column \d+, row \d+ of tiles of \d+×\d+$/.test(name)));
    }
  } finally {
    slide.close();
  }
}

const read = {
  any: async (file) => {
    const slide = await openSlide(file);
    await readAll(slide, slide.read);
  },
  openslide: async (file) => {
    otherFormat(file); // refuses what is not a file, as openSlide does
    const slide = await openslideSlide(file, { format: "Aperio SVS", vendor: "aperio", reader: "openslide" });
    await readAll(slide, (window, size) => readWindow(slide, window, size));
  },
};

const NUMBERS = [0, 1, 2, 8, 15, 16, 255, 4096, 65_535, 65_536, 0x7fffffff, 0x80000000, 0xffffffff];
const one = (random, list) => list[Math.floor(random() * list.length)];

/** Directories of a little-endian TIFF: where each begins, by the chain. */
function directories(bytes) {
  const big = bytes.readUInt16LE(2) === 43;
  const word = (at) => (big ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at));
  const found = [];
  for (let at = word(big ? 8 : 4); at !== 0; ) {
    const count = big ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt16LE(at);
    const entries = Array.from({ length: count }, (_, i) => at + (big ? 8 + 20 * i : 2 + 12 * i));
    const next = at + (big ? 8 + 20 * count : 2 + 12 * count);
    found.push({ at, entries, next });
    at = word(next);
  }
  return { big, found };
}

/** One entry of a directory changed: its tag, type, count or value; or the chain bent back into a loop. */
function bent(good, random) {
  const bytes = Buffer.from(good);
  if (bytes[0] !== 0x49) return mutatedBytes(bytes, random, 3);
  const { big, found } = directories(bytes);
  const directory = one(random, found);
  const write = (at, value) => (big ? bytes.writeBigUInt64LE(BigInt(value), at) : bytes.writeUInt32LE(value, at));
  if (random() < 0.15) {
    write(directory.next, one(random, found).at);
    return bytes;
  }
  const entry = one(random, directory.entries);
  const part = random();
  if (part < 0.1) bytes.writeUInt16LE(one(random, [254, 256, 258, 259, 277, 322, 324, 325, 330, 347, 700, 65_420]), entry);
  else if (part < 0.25) bytes.writeUInt16LE(Math.floor(random() * 20), entry + 2);
  else if (part < 0.45) write(entry + 4, one(random, NUMBERS));
  else write(entry + (big ? 12 : 8), one(random, [...NUMBERS, ...found.map(({ at }) => at), bytes.length, bytes.length - 3]));
  return bytes;
}

/** The hand-made files of every reader. */
export const CORPUS = handMade(Buffer.alloc(0)).length;

const caseOf = (bytes, reader) => async () => {
  const good = await bytes();
  const corpus = handMade(good);
  return {
    async trial(random, number, folder) {
      const file = join(folder, "slide.svs");
      const damaged = () => (random() < 0.5 ? bent(good, random) : mutatedBytes(good, random));
      put(file, number === 0 ? good : number <= corpus.length ? corpus[number - 1][1] : damaged());
      await read[reader](file);
    },
  };
};

export const cases = Object.fromEntries([
  ...Object.entries(made).map(([name, options]) => [name, caseOf(() => slideBytes(options), "any")]),
  ...(openslideVersion() === null
    ? []
    : [
        ["SVS by OpenSlide", caseOf(() => slideBytes(made["SVS with JPEG tiles"]), "openslide")],
        ["NDPI by OpenSlide", caseOf(() => ndpiBytes(levels), "any")],
      ]),
  ...(process.env.SLIDE ?? "")
    .split(":")
    .filter(Boolean)
    .map((file) => [basename(file), caseOf(async () => readFileSync(file), "any")]),
]);
