// A full disk, on a file system of a megabyte: one line that names the file, and whatever was there before is as it was.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { filesOf } from "../runs/run-files.fixture.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { tinyConfig, tinyDataset, untrainedRun } from "../train/run.fixture.ts";
import { refuse } from "./cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-disk-full-"));
const small = join(root, "small");
mkdirSync(small);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]).status === 0;
after(() => {
  if (mounted) spawnSync("umount", [small]);
  rmSync(root, { recursive: true });
});
const skip = mounted ? false : "needs the right to mount a small file system";

test("predictions, page, checkpoint, model and log", { skip }, async () => {
  const dataset = await tinyDataset(root);
  untrainedRun(join(root, "finished"), dataset);
  const createRun = (name: string, change: object): void =>
    new RunFolder(join(small, name)).create({ config: tinyConfig(dataset, change), versions: {}, started: "" });
  createRun("no-checkpoint", { steps: 3, checkpointEvery: 1 });
  createRun("no-model", { steps: 1 });
  createRun("no-log", { steps: 1 });
  for (const name of ["cells.json", "page.html"]) writeFileSync(join(small, name), `old ${name}`);
  const before = readdirSync(small).sort();

  const full = (file: string, advice: string) =>
    new RegExp(`^small/${file}: cannot be written: no space left on device; ${advice}`);
  refuse(
    root,
    [
      ["train", "--resume", "small/no-checkpoint"],
      full(
        "no-checkpoint/checkpoint.safetensors",
        "free some space, then resume with: npx sparsecell train --resume small/no-checkpoint$",
      ),
    ],
    [
      ["train", "--resume", "small/no-model"],
      full("no-model/model.safetensors", "free some space, then resume with: npx sparsecell train --resume small/no-model$"),
    ],
  );
  writeFileSync(join(small, "filling"), Buffer.alloc(2 ** 20).subarray(0, freeBytes()));
  refuse(
    root,
    [
      ["predict", "--model", "finished", "--data", "sparse", "--out", "small/cells.json"],
      full("cells.json", "free some space or choose another folder$"),
    ],
    [["compare", "finished", "--out", "small/page.html"], full("page.html", "free some space or choose another folder$")],
    [["train", "--resume", "small/no-log"], full("no-log/log.jsonl", "free some space")],
    [
      ["train", "sparse", "--backbone", "resnet18", "--input-size", "64", "--out", "small/new"],
      full("new/config.json", "free some space or choose another folder$"),
    ],
  );
  for (const name of ["cells.json", "page.html"]) assert.equal(readFileSync(join(small, name), "utf8"), `old ${name}`);
  assert.deepEqual(
    readdirSync(small)
      .sort()
      .filter((name) => name !== "filling" && name !== "new"),
    before,
  ); // no leftovers
  for (const run of ["no-checkpoint", "no-model"])
    assert.deepEqual(filesOf(join(small, run)), ["config.json", "log.jsonl", "timings.jsonl"]);
});

/** What the small file system still has, in bytes. */
function freeBytes(): number {
  const { stdout } = spawnSync("df", ["--block-size=1", "--output=avail", small], { encoding: "utf8" });
  return Number(stdout.split("\n")[1]);
}
