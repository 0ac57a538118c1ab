// Measures how long the loader takes for a window, alone and with each augmentation at full strength.
//
//   node benchmarks/loader.mjs [--window 512] [--from 800] [--windows 60]
//
// Windows of `--from` pixels, resampled to `--window` and transposed, from a drawn section that is decoded once. `--from` equal
// to `--window` leaves the resampling out. Prints milliseconds of a processor per window, which other programs disturb little;
// takes about 20 seconds on 2 cores.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { augmentations } from "../dist/data/augment/index.js";
import { Loader } from "../dist/data/loader/loader.js";
import { synthesizePatch } from "../dist/data/synthetic/synthetic.js";
import { Random } from "../dist/random.js";

const { values } = parseArgs({
  options: {
    window: { type: "string", default: "512" },
    from: { type: "string", default: "800" },
    windows: { type: "string", default: "60" },
  },
});
const [side, from, count] = [Number(values.window), Number(values.from), Number(values.windows)];

const dir = mkdtempSync(join(tmpdir(), "loader-benchmark-"));
const loader = new Loader();
try {
  const whole = { width: from + 100, height: from + 100 };
  const { rgb } = synthesizePatch({ kind: "ki67", ...whole, random: new Random(1) });
  mkdirSync(join(dir, "images"));
  await sharp(rgb, { raw: { ...whole, channels: 3 } })
    .png()
    .toFile(join(dir, "images", "a.png"));

  /** What `augmentation` draws when it does something. */
  function changeOf({ name, draw }, random) {
    let change = null;
    while (change === null) change = draw(random, 1);
    return { name, change };
  }

  async function time(label, used, { size = side, transpose = true } = {}) {
    const random = new Random(1);
    const requests = Array.from({ length: count }, () => ({
      dir,
      image: { fileName: "a.png", ...whole },
      crop: { x: random.integer(101), y: random.integer(101), width: from, height: from },
      size: { width: size, height: size },
      symmetry: { mirrorX: false, mirrorY: false, transpose },
      changes: used.map((augmentation) => changeOf(augmentation, random)),
    }));
    await loader.load(requests.slice(0, 10)); // decodes the image, and has the code compiled
    const before = process.cpuUsage();
    await loader.load(requests);
    const { user, system } = process.cpuUsage(before);
    console.log(`${label.padEnd(28)} ${((user + system) / 1000 / count).toFixed(1).padStart(6)} ms`);
  }

  console.log(`a window of ${side} × ${side} out of ${from} × ${from}`);
  await time("cut out alone", [], { size: from, transpose: false });
  await time("resampled and transposed", []);
  for (const augmentation of augmentations) await time(`… and ${augmentation.name}`, [augmentation]);
  await time("… and all of them", augmentations);
} finally {
  loader.close();
  rmSync(dir, { recursive: true, force: true });
}
