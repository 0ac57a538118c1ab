// kill -9 at random moments of a search of a slide, also inside a write, each followed by the same search again: its four files must
// have the same bytes as those of an undisturbed search. Every third trial is killed twice. The slide and the finder are made
// (src/wsi/made-slide.fixture.ts), so that the moments are those of reading, merging and writing.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { faultScript, randomNumbers } from "./fault-script.mjs";

const program = fileURLToPath(new URL("../../dist/wsi/killed-search.fixture.js", import.meta.url));

await faultScript({ short: 4, full: 30 }, async ({ count, seed, folder, trial, note }) => {
  const random = randomNumbers(seed);
  const search = (dir, ...kill) => spawnSync(process.execPath, [program, dir, ...kill.map(String)], { encoding: "utf8" });
  const straight = join(folder, "straight");
  const total = JSON.parse(search(straight).stdout);
  const expected = contentOf(straight);
  const moments = new Map();

  for (let i = 0; i < count; i++)
    await trial("kill -9 and search again: the same bytes", () => {
      const dir = join(folder, String(i));
      for (let kills = i % 3 === 2 ? 2 : 1; kills > 0; kills--) {
        const what = random() < 0.7 ? "bytes" : "windows";
        const { signal } = search(dir, what, 1 + Math.floor(random() * total[what] * (kills === 2 ? 0.5 : 1)));
        const moment = signal === "SIGKILL" ? momentOf(dir, what) : "not, it had finished";
        moments.set(moment, (moments.get(moment) ?? 0) + 1);
      }
      const { status, stderr } = search(dir);
      if (status !== 0 && !stderr.includes("already exists")) throw new Error(stderr.trim());
      const found = contentOf(dir);
      if (found !== expected) throw new Error(`${dir}: has ${found}, expected ${expected}`);
      rmSync(dir, { recursive: true });
    });
  note(`a search of ${total.windows} windows, ${total.cells} cells and ${total.bytes} bytes written`);
  note(`killed: ${[...moments].map(([moment, times]) => `${times} ${moment}`).join(", ")}`);
});

function contentOf(dir) {
  const hashOf = (name) =>
    createHash("sha256")
      .update(readFileSync(join(dir, name)))
      .digest("hex");
  return readdirSync(dir)
    .map((name) => `${name} ${hashOf(name)}`)
    .join(", ");
}

function momentOf(dir, what) {
  if (what === "windows") return "in a detection";
  const work = join(dir, "cells.geojson.gz.partial");
  if (!existsSync(work)) return "before the first write";
  const names = readdirSync(work);
  if (names.some((name) => name.startsWith(".output"))) return "inside the write of a file";
  return names.includes("rows.journal") ? "inside the write of the journal" : "inside the write of the settings";
}
