// Images that are large or claim to be: each is created, then read in a separate process. `read`: whether it must be readable.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";
import { readImage } from "../../dist/data/image-file.js";

const self = fileURLToPath(import.meta.url);
const flat = (width, height) => ({ create: { width, height, channels: 3, background: "#804020" }, limitInputPixels: false });

/** Created in another process, so that its memory does not count. */
const makers = {
  "20000×20000 PNG": {
    file: "a.png",
    make: (sharp, file) => sharp(flat(20_000, 20_000)).png().toFile(file),
    refusal: /: has 20000×20000 pixels, 1200 MB decoded/,
  },
  "20000×20000 TIFF": {
    file: "a.tif",
    make: (sharp, file) => sharp(flat(20_000, 20_000)).tiff({ compression: "deflate" }).toFile(file),
    refusal: /: has 20000×20000 pixels/,
  },
  "20000×20000 JPEG": {
    file: "a.jpg",
    make: (sharp, file) => sharp(flat(20_000, 20_000)).jpeg().toFile(file),
    refusal: /: has 20000×20000 pixels/,
  },
  "10000×10000 PNG, interlaced and turned": {
    file: "a.png",
    make: (sharp, file) => sharp(flat(10_000, 10_000)).withMetadata({ orientation: 6 }).png({ progressive: true }).toFile(file),
  },
  "10000×10000 JPEG, progressive and turned": {
    file: "a.jpg",
    make: (sharp, file) => sharp(flat(10_000, 10_000)).withMetadata({ orientation: 5 }).jpeg({ progressive: true }).toFile(file),
  },
  "6000×6000 PNG, 16 bits, alpha, interlaced and turned": {
    file: "a.png",
    make: (sharp, file) =>
      sharp(flat(6000, 6000))
        .ensureAlpha(0.5)
        .toColourspace("rgb16")
        .withMetadata({ orientation: 7 })
        .png({ progressive: true })
        .toFile(file),
  },
  "10000×10000 PNG, four times at once": {
    file: "a.png",
    make: (sharp, file) => sharp(flat(10_000, 10_000)).png().toFile(file),
    atOnce: 4,
  },
  "40000×100 JPEG": { file: "a.jpg", make: (sharp, file) => sharp(flat(40_000, 100)).jpeg().toFile(file) },
  "100×1000000 TIFF": {
    file: "a.tif",
    make: (sharp, file) => sharp(flat(100, 1_000_000)).tiff({ compression: "deflate" }).toFile(file),
  },
  "PNG with a colour profile of 500 MB": { file: "a.png", make: (sharp, file) => chunkBomb(sharp, file, "iCCP", "p\0\0") },
  "PNG with a text of 500 MB": { file: "a.png", make: (sharp, file) => chunkBomb(sharp, file, "zTXt", "t\0\0") },
};

async function chunkBomb(sharp, file, type, start) {
  const png = await sharp(flat(20, 20)).png().toBuffer();
  const content = Buffer.concat([Buffer.from(type + start), deflateSync(Buffer.alloc(500 << 20))]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length - 4);
  checksum.writeUInt32BE(crc32(content));
  writeFileSync(file, Buffer.concat([png.subarray(0, 33), length, content, checksum, png.subarray(33)]));
}

export const cases = Object.fromEntries(
  Object.entries(makers).map(([name, { file, refusal, atOnce = 1 }]) => [
    name,
    async (base) => {
      const path = join(base, file);
      const made = spawnSync(process.execPath, [self, name, path], { encoding: "utf8" });
      if (made.status !== 0) throw new Error(made.stderr);
      return {
        async trial() {
          const read = async () => {
            await readImage(path); // and release it: an importer keeps none
          };
          const reads = Promise.all(Array.from({ length: atOnce }, read));
          const wasRead = await reads.then(
            () => true,
            (error) => {
              if (!refusal?.test(error.message)) throw error;
              return false;
            },
          );
          if (wasRead && refusal) throw new Error("was read");
        },
      };
    },
  ]),
);

if (process.argv[1] === self) {
  const { default: sharp } = await import("sharp");
  await makers[process.argv[2]].make(sharp, process.argv[3]);
}
