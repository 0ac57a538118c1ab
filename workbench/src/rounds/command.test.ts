// What a command leaves behind when the server is killed: a checkpoint, and no process.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import sharp from "sharp";
import { type Dataset, imagePath, isLocked, RunFolder, writeDataset } from "../sparsecell.ts";
import { Command, lastLine } from "./command.ts";

const root = mkdtempSync(join(tmpdir(), "command-"));
after(() => rmSync(root, { recursive: true }));
const log = join(root, "log.txt");

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(20);
}

test("a command that fails says why in its last line", async () => {
  const command = new Command(["train", join(root, "nowhere"), "--out", join(root, "run")], log);
  assert.equal(await command.ended, "failed");
  assert.match(lastLine(log), /^sparsecell: .*nowhere: no such folder; check the path$/);
});

async function drawnDataset(): Promise<string> {
  const dir = join(root, "data");
  const images = join(root, "images");
  const dataset: Dataset = {
    dir,
    images: [{ id: 1, fileName: "a.png", width: 64, height: 64, group: "a", split: "train" }],
    annotations: [20, 44].map((x, i) => ({ id: i + 1, imageId: 1, categoryId: 1, box: [x - 8, 24, x + 8, 40], hidden: false })),
    categories: [{ id: 1, name: "cell" }],
  };
  const file = imagePath(root, dataset.images[0]);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="#eee"/></svg>`;
  writeFileSync(log, "");
  mkdirSync(images);
  await sharp(Buffer.from(svg)).png().toFile(file);
  writeDataset(dataset, dir, { imagesFrom: () => file });
  return dir;
}

test("a training saves a checkpoint and ends when its server is killed", async () => {
  const run = new RunFolder(join(root, "killed"));
  const quick = ["--steps", "100000", "--window", "64", "--threads", "1", "--weights", "random", "--no-augment"];
  const args = ["train", await drawnDataset(), "--out", run.dir, ...quick];
  const module = JSON.stringify(new URL("command.js", import.meta.url).href);
  const source = `const { Command } = await import(${module}); new Command(${JSON.stringify(args)}, ${JSON.stringify(log)}); setInterval(() => {}, 1000);`;
  const server: ChildProcess = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: "inherit" });
  const timings = join(run.dir, "timings.jsonl");
  await until(() => existsSync(timings) && readFileSync(timings, "utf8").includes("\n"));
  server.kill("SIGKILL");
  await until(() => /stopped after step \d+ of 100000; resume with/.test(readFileSync(log, "utf8")));
  await until(() => !isLocked(run.dir));
  assert.ok(run.hasCheckpoint);
});
