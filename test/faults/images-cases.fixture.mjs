// Small valid images of every accepted kind. A trial reads a damaged one in all three ways, which must agree: pixels, size and the
// file's end are read by different code.

import { join } from "node:path";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { imageSize, readImage } from "../../dist/data/image-file.js";
import { tiff as tiffBytes } from "../../dist/data/tiff.fixture.js";
import { checkedImageSize } from "../../dist/formats/image.js";
import { handMade, mutatedBytes, put } from "./mutations.fixture.mjs";

const [WIDTH, HEIGHT] = [37, 23];
const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i * 37) % 251);
const source = () => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

const png = {
  colour: () => source().png(),
  "16 bits, interlaced, alpha": () => source().ensureAlpha(0.5).toColourspace("rgb16").png({ progressive: true }),
  palette: () => source().png({ palette: true, colours: 8 }),
  grey: () => source().greyscale().png(),
  turned: () => source().withMetadata({ orientation: 6 }).png(),
};
const jpeg = {
  baseline: () => source().jpeg(),
  progressive: () => source().jpeg({ progressive: true, quality: 95, chromaSubsampling: "4:4:4" }),
  grey: () => source().greyscale().jpeg(),
  CMYK: () => source().toColourspace("cmyk").jpeg(),
  turned: () => source().withMetadata({ orientation: 5 }).jpeg({ optimiseScans: true }),
};
const tiff = {
  plain: () => source().tiff({ compression: "none" }),
  LZW: () => source().tiff({ compression: "lzw", predictor: "horizontal" }),
  "deflate, 16 bits": () => source().toColourspace("rgb16").tiff({ compression: "deflate" }),
  "JPEG in tiles": () => source().tiff({ compression: "jpeg", tile: true, tileWidth: 16, tileHeight: 16 }),
  BigTIFF: () => source().tiff({ compression: "packbits", bigtiff: true }),
  pyramid: () => source().tiff({ compression: "deflate", pyramid: true, tile: true, tileWidth: 16, tileHeight: 16 }),
  "bits, fax": () => source().threshold().toColourspace("b-w").tiff({ compression: "ccittfax4", bitdepth: 1 }),
  turned: () => source().withMetadata({ orientation: 8 }).tiff({ compression: "lzw" }),
};
const small = (Values, channels = 1) => Values.from({ length: 12 * 9 * channels }, (_, i) => (i * 37) % 251);
const page = (values, more = {}) => ({ width: 12, height: 9, values, channels: values.length / 108, ...more });
/** What a TIFF may leave open, with a choice that decides it. */
const open = {
  "12 of 16 bits": [() => tiffBytes(page(small(Uint16Array))), { range: "0:250" }],
  "16 bits that use 12, as the file says": [() => tiffBytes(page(small(Uint16Array), { shorts: { 281: [4095] } })), {}],
  "floats, percentiles": [() => tiffBytes(page(small(Float32Array))), { range: "1%:99%" }],
  "32 bits, white is zero": [() => tiffBytes(page(small(Uint32Array), { photometric: 0 })), { range: "0:250" }],
  "signed, 16 bits": [() => tiffBytes(page(small(Int16Array))), { range: "0:250" }],
  "a page of a stack": [() => tiffBytes(page(small(Uint8Array)), page(small(Uint8Array))), { page: 2 }],
  "pages as channels": [
    () => tiffBytes(...[1, 2, 3].map(() => page(small(Uint16Array)))),
    { channels: [3, 1, 2], range: "0:250" },
  ],
  "five channels": [() => tiffBytes(page(small(Uint8Array, 5), { extra: [0, 0, 0, 0] })), { channels: [5, 1, 2] }],
  "16 bits with opacity": [() => tiffBytes(page(small(Uint16Array, 2), { extra: [2] })), { range: "0:250" }],
  "RGB and more": [() => tiffBytes(page(small(Uint8Array, 4), { photometric: 2, extra: [0] })), {}],
};
const other = {
  WebP: () => source().webp(),
  GIF: () => source().gif(),
  AVIF: () => source().avif({ effort: 0 }),
  SVG: () =>
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" width="9" height="9"><image x:href="file:///etc/passwd"/></svg>',
    ),
  BMP: () =>
    Buffer.concat([
      Buffer.from("424d3a0000000000000036000000280000000100000001000000010018000000000004000000", "hex"),
      Buffer.alloc(20),
    ]),
};

export const CORPUS = 1 + handMade(Buffer.from("x")).length + headers(Buffer.alloc(64), "").length;

/** Headers with excessive claims. */
function headers(good, kind) {
  const changed = (at, size, value) => {
    const bytes = Buffer.from(good);
    if (at >= 0 && at + size <= bytes.length) bytes.writeUIntBE(value, at, size);
    return bytes;
  };
  const side = kind === "jpeg" ? [2, [0xffff, 0xfdff]] : [4, [60_000, 0x7fffffff]];
  const at = kind === "png" ? 16 : kind === "jpeg" ? Math.max(good.indexOf("ffc0", "hex"), good.indexOf("ffc2", "hex")) + 5 : 4;
  return side[1]
    .flatMap((value) => {
      const both = changed(at, side[0], value);
      if (at + 2 * side[0] <= both.length) both.writeUIntBE(value, at + side[0], side[0]);
      return [changed(at, side[0], value), both, changed(at, side[0], 0)];
    })
    .map((bytes) => (kind === "png" ? checksummed(bytes) : bytes));
}

/** Repairs the checksums of a PNG's chunks, so that damage gets past them. */
function checksummed(bytes) {
  const result = Buffer.from(bytes);
  for (let at = 8; at + 12 <= result.length; ) {
    const length = result.readUInt32BE(at);
    if (at + 12 + length > result.length) break;
    result.writeUInt32BE(crc32(result.subarray(at + 4, at + 8 + length)), at + 8 + length);
    at += 12 + length;
  }
  return result;
}

/** `right`: whether undamaged files must be readable. */
const reader =
  (kind, makers, extension, right = true) =>
  async () => {
    const samples = [];
    const choices = [];
    for (const maker of Object.values(makers)) {
      const [make, choice] = Array.isArray(maker) ? maker : [maker, {}];
      const made = make();
      samples.push(Buffer.isBuffer(made) ? made : await made.toBuffer());
      choices.push(choice);
    }
    return {
      async trial(random, i, trialFolder) {
        const good = samples[i % samples.length];
        const file = join(trialFolder, `image.${extension}`);
        const corpus = [...headers(good, kind), ...handMade(good).map(([, bytes]) => bytes)];
        const mutated = () =>
          kind === "png" && random() < 0.7 ? checksummed(mutatedBytes(good, random)) : mutatedBytes(good, random);
        put(file, i === 0 ? good : i < CORPUS ? corpus[i - 1] : mutated());
        if (i === 0 && !right) return expectRefusal(file);
        const choice = choices[i % samples.length];
        const [image, size, checked] = await Promise.allSettled([
          readImage(file, choice),
          imageSize(file, choice),
          checkedImageSize(file, { choice }),
        ]);
        const refused = [size, image, checked].filter(({ status }) => status === "rejected").map(({ reason }) => reason);
        const wrong = refused.find((error) => error.name !== "UserError" || /[\p{Cc}]/u.test(error.message));
        if (wrong) throw wrong;
        if (image.status === "rejected") throw image.reason;
        const { width, height, data } = image.value;
        if (data.length !== 3 * width * height) throw new Error(`${data.length} bytes of pixels for ${width}×${height}`);
        for (const { value, reason } of [size, checked])
          if (value?.width !== width || value?.height !== height)
            throw new Error(`${width}×${height}, but according to its header ${value?.width}×${value?.height} ${reason}`);
      },
    };
  };

async function expectRefusal(file) {
  const read = await readImage(file).catch(() => null);
  if (read !== null) throw new Error("was read");
}

export const cases = {
  png: reader("png", png, "png"),
  jpeg: reader("jpeg", jpeg, "jpg"),
  tiff: reader("tiff", tiff, "tif"),
  "tiff that leaves something open": reader("tiff", open, "tif"),
  "other kinds of image": reader("other", other, "png", false),
};
