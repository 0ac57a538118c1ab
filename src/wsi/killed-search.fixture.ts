// A process that searches a made slide and writes its files into a folder, and kills itself on the way:
//   node killed-search.fixture.js FOLDER [bytes N | windows N]
// `bytes`: within a write, when N bytes are written (a part of that write is on the disk); `windows`: in the detection of the Nth
// window. Prints how many of both there were when it was not killed.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";

const [dir, what, number] = process.argv.slice(2);
const limit = { bytes: Infinity, windows: Infinity, [what ?? ""]: Number(number) };
const done = { bytes: 0, windows: 0 };
const { writeSync } = fs;

const die = (): void => {
  process.kill(process.pid, "SIGKILL");
};

fs.writeSync = ((file: number, data: string | Uint8Array, from: number, length?: number, ...rest: []) => {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  const count = length ?? bytes.length - (from ?? 0);
  if (file > 2 && done.bytes + count >= limit.bytes) {
    writeSync(file, bytes, from, limit.bytes - done.bytes);
    die();
  }
  if (file > 2) done.bytes += count;
  return writeSync(file, bytes, from, count, ...rest);
}) as typeof fs.writeSync;
syncBuiltinESMExports();

const { madeFinder, madeSlide } = await import("./made-slide.fixture.ts");
const { predictSlide } = await import("./predict-slide.ts");

const detector = {
  ...madeFinder,
  detect: (...seen: Parameters<typeof madeFinder.detect>) => {
    if (++done.windows >= limit.windows) die();
    return madeFinder.detect(...seen);
  },
};
const { resumedRows, cells } = await predictSlide({
  detector,
  slide: madeSlide({ width: 1200, height: 1000, badTiles: (x, y) => (x === 0 && y > 300 ? ["a bad tile"] : []) }),
  name: "made.svs",
  classes: ["Positive", "Negative"],
  files: ["cells.geojson.gz", "cells.csv", "cells.parquet", "cells.json"].map((name) => join(dir, name)),
  settingsFile: join(dir, "settings.json"),
  settings: { "--score": 0.5 },
  window: 384,
});
console.log(JSON.stringify({ ...done, resumedRows, cells }));
