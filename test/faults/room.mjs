// Too little space. On a small file system (tmpfs, if mounting is allowed): trainings, datasets, predictions, pages and reports
// with every amount of space from none to enough. Each finishes, or ends with one line about missing space and leaves existing
// files unchanged; with more space, the same command finishes with the usual bytes.
// And memory (only with --full, because the linked library's convolutions can crash when memory is refused): training and detection
// under a limit of address space end with a result or one line that says what to lower.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeMadeUpGrid } from "../../dist/runs/grid.fixture.js";
import { untrainedRun } from "../../dist/train/run.fixture.js";
import { faultScript, randomNumbers } from "./fault-script.mjs";
import { digest, outcome, preparedRun, requireSame, start, succeed, tinyDataset } from "./training.fixture.mjs";

const PAGE = 4096;
const OLD = "what was there before";
const MOST = 320 * 2 ** 20; // for a training's folder, with a checkpoint beside the previous one

await faultScript({ short: 4, full: 40 }, async ({ count, seed, full, folder, trial, note }) => {
  const random = randomNumbers(seed);
  const dataset = await tinyDataset(folder);
  const disk = smallDisk(join(folder, "small"));
  if (!disk) note("full disks: not tried, for this user may not mount a file system");
  if (!disk) {
    const { dir } = preparedRun(join(folder, "enough"), dataset, { steps: 1 });
    await trial("a training with enough space", () => succeed(["train", "--resume", dir]));
  }
  try {
    if (disk) await trainings({ count, random, folder, dataset, disk, trial, note });
    if (disk) await commands({ count, random, folder, dataset, disk, trial, note });
  } finally {
    disk?.unmount();
  }
  if (full) await memory({ count, random, folder, trial, note });
});

async function trainings({ count, random, folder, dataset, disk, trial, note }) {
  const settings = { steps: 3, checkpointEvery: 1 };
  const straight = preparedRun(join(folder, "straight"), dataset, settings);
  await succeed(["train", "--resume", straight.dir]);
  const expected = outcome(straight);
  const stopped = new Map();
  for (let i = 0; i < count; i++)
    await trial("a training with too little space, resumed with enough", async () => {
      const run = preparedRun(join(disk.dir, "run"), dataset, settings);
      // every fourth trial without space for a log, or with a few pages
      const room = i % 4 === 0 ? Math.floor(random() * 6) * PAGE : (MOST * (i + random())) / count;
      disk.leave(room);
      const { status, lines } = await start(["train", "--resume", run.dir]).ended;
      disk.leave(MOST);
      if (status !== 0) {
        requireNoSpace(status, lines);
        const file = /([\w.-]+): cannot be written/.exec(lines[0])?.[1];
        stopped.set(file, (stopped.get(file) ?? 0) + 1);
        const left = readdirSync(run.dir).filter((name) => name.startsWith(".") || name === "lock");
        if (left.length > 0) throw new Error(`left ${left.join(", ")}`);
        await succeed(["train", "--resume", run.dir]);
      } else stopped.set("nothing", (stopped.get("nothing") ?? 0) + 1);
      requireSame(outcome(run), expected, `with room of ${room} bytes`);
    }).finally(disk.empty);
  note(`trainings stopped at: ${[...stopped].map(([file, n]) => `${file} ${n}`).join(", ")}`);
}

async function commands({ count, random, folder, dataset, disk, trial, note }) {
  untrainedRun(join(folder, "finished"), dataset);
  const grid = join(folder, "grid");
  await writeMadeUpGrid({ dir: grid, images: 4, folds: 2, keeps: [0.5], methods: ["fpn", "bde"] });
  const kinds = {
    "a new dataset": {
      args: (out) => ["data", "synth", "--kind", "ki67", "--images", "4", "--size", "128x128", "--out", out],
      parts: true,
    },
    "a sparse dataset": { args: (out) => ["data", "sparsify", dataset.dir, "--keep", "0.5", "--out", out], parts: true },
    predictions: {
      args: (out) => ["predict", "--model", join(folder, "finished"), "--data", dataset.dir, "--out", out],
      old: true,
    },
    "a page": { args: (out) => ["compare", join(folder, "finished"), "--out", out], old: true, dated: true, suffix: ".html" },
    "a report": { args: (out) => ["report", grid, "--out", out], parts: true },
  };
  let refused = 0;
  for (const [what, { args, old, parts, dated, suffix = "" }] of Object.entries(kinds)) {
    const whole = join(folder, `whole${suffix}`);
    await succeed(args(whole));
    const size = Number(spawnSync("du", ["-sb", whole], { encoding: "utf8" }).stdout.split("\t")[0]);
    for (let i = 0; i < Math.ceil(count / 2); i++)
      await trial(`${what} with too little space, and again with enough`, async () => {
        const out = join(disk.dir, `out${suffix}`);
        if (old) writeFileSync(out, OLD);
        disk.leave(i === 0 ? 0 : random() * size);
        const before = contents(disk.dir);
        const { status, lines } = await start(args(out)).ended;
        if (status !== 0) {
          refused++;
          requireNoSpace(status, lines);
          requireNothingHalf(contents(disk.dir), before, parts ? contents(whole) : "");
          disk.leave(MOST);
          await succeed(args(out));
        }
        if (!dated) requireSame(contents(out), contents(whole), out);
        else if (readFileSync(out, "utf8") === OLD) throw new Error("the old file was not replaced");
      }).finally(disk.empty);
    rmSync(whole, { recursive: true });
  }
  note(`other commands: ${refused} ended for want of room`);
}

async function memory({ count, random, folder, trial, note }) {
  if (spawnSync("prlimit", ["--version"]).error) return note("memory: not tested, because prlimit is missing");
  const data = join(folder, "complete");
  const run = join(folder, "memory");
  const model = join(folder, "memory-model");
  await succeed(["train", data, "--backbone", "resnet18", "--input-size", "64", "--steps", "1", "--out", model]);
  const commands = {
    training: ["train", data, "--backbone", "resnet18", "--input-size", "1000", "--batch", "4", "--steps", "1", "--out", run],
    detection: ["predict", "--model", model, "--data", data, "--out", join(folder, "memory.json")],
  };
  let refused = 0;
  for (let i = 0; i < Math.ceil(count / 4); i++) {
    const what = i % 2 === 0 ? "training" : "detection";
    await trial(`${what} with too little memory`, async () => {
      const limit = Math.round((what === "training" ? 2.5 + 1.5 * random() : 2.2 + 0.4 * random()) * 2 ** 30);
      const result = await start(commands[what], { wrap: ["prlimit", `--as=${limit}`] }).ended;
      if (result.status === 0) return;
      refused++;
      const [first = "", ...more] = result.lines;
      // glib, used for decoding images, ends the process when it is refused memory too, after our line
      if (!/^sparsecell: out of memory.*; lower /.test(first) || !more.every((line) => /failed to allocate memory/.test(line)))
        throw new Error(`${limit} bytes: ended with ${result.signal ?? result.status} and: ${result.stderr.trim()}`);
    }).finally(() => rmSync(run, { recursive: true, force: true }));
  }
  note(`memory: ${refused} ended for want of it`);
}

function requireNoSpace(status, lines) {
  if (status !== 1 || lines.length !== 1 || !/^sparsecell: .*no space left on device/.test(lines[0]))
    throw new Error(`ended with ${status} and: ${lines.join(" | ") || "nothing"}`);
}

/** Checks that there are only the files of `before` and complete files of the result. */
function requireNothingHalf(now, before, whole) {
  const files = (text) => text.split("\n").filter((line) => line !== "");
  const right = new Set([...files(before), ...files(whole).map((line) => `/out${line}`)]);
  for (const line of files(before)) if (!files(now).includes(line)) throw new Error(`${line} is no longer there`);
  for (const line of files(now)) if (!right.has(line)) throw new Error(`${line} is left`);
}

/** Digests of a file, or of the files below a folder. */
function contents(path) {
  if (!statSync(path).isDirectory()) return digest(path);
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.path, entry.name))
    .map((file) => `${file.slice(path.length)} ${digest(file)}`)
    .sort()
    .join("\n");
}

/** A file system in memory at `dir` whose free space can be set; null if it cannot be mounted. */
function smallDisk(dir) {
  mkdirSync(dir);
  const mount = (...args) => spawnSync("mount", args).status === 0;
  if (!mount("-t", "tmpfs", "-o", `size=${MOST}`, "tmpfs", dir)) return null;
  const used = () => {
    const { blocks, bfree } = statfsSync(dir);
    return (blocks - bfree) * PAGE;
  };
  const leave = (room) => {
    const size = Math.max(used() + Math.floor(room / PAGE) * PAGE, PAGE); // 0 would mean no limit
    if (!mount("-o", `remount,size=${size}`, dir)) throw new Error(`${dir}: its size cannot be changed`);
  };
  return {
    dir,
    leave,
    empty() {
      for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true });
      leave(MOST);
    },
    unmount: () => spawnSync("umount", [dir]),
  };
}
