// Shared by the scripts in this folder: each has a short form, which `npm test` runs, and a full one with --full; it prints one
// line per kind of trial ("kill -9 during training: 50 of 50 held") and exits with 1 when any did not hold.
//   node test/faults/NAME.mjs [--full] [--count N] [--seed N] [--from N]

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const MOST_SHOWN = 10;

/**
 * `counts`: the number of trials, { short, full }. `run` gets { count, from (the first trial, to go on from), seed, full, folder, trial, note }: `folder` is empty and is
 * removed afterwards; `await trial(what, check)` counts one trial of `what`, which holds if `check` does not throw; `note(line)`
 * prints a line.
 */
export async function faultScript(counts, run) {
  const { values } = parseArgs({
    options: {
      full: { type: "boolean", default: false },
      count: { type: "string" },
      seed: { type: "string", default: "1" },
      from: { type: "string", default: "0" },
    },
  });
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sparsecell-faults-")));
  const tried = new Map();
  const failures = [];
  const notes = [];
  const begun = performance.now();
  const trial = async (what, check) => {
    const tally = tried.get(what) ?? { held: 0, of: 0 };
    tried.set(what, tally);
    tally.of++;
    try {
      await check();
      tally.held++;
    } catch (error) {
      failures.push(`${what}, trial ${tally.of}: ${error instanceof Error ? error.message : error}`);
    }
  };
  try {
    const count = values.count === undefined ? counts[values.full ? "full" : "short"] : Number(values.count);
    await run({
      count,
      from: Number(values.from),
      seed: Number(values.seed),
      full: values.full,
      folder,
      trial,
      note: (line) => notes.push(line),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const [what, { held, of }] of tried) console.log(`${what}: ${held} of ${of} held`);
  for (const line of notes) console.log(line);
  for (const line of failures.slice(0, MOST_SHOWN)) console.error(`did not hold: ${line}`);
  if (failures.length > MOST_SHOWN) console.error(`and ${failures.length - MOST_SHOWN} more`);
  console.log(`${((performance.now() - begun) / 1000).toFixed(0)} s, seed ${values.seed}`);
  if (failures.length > 0 || tried.size === 0) process.exitCode = 1;
}

/** A seeded generator of numbers in [0, 1) (mulberry32), so that trials can be repeated. */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
