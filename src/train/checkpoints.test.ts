import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { scope, Tensor, writeSafetensors } from "@sparsecell/torch";
import { checkpointFiles } from "../runs/checkpoint-files.ts";
import { Checkpoints } from "./checkpoints.ts";

const root = mkdtempSync(join(tmpdir(), "checkpoints-"));
after(() => rmSync(root, { recursive: true }));

function folder(name: string): { dir: string; checkpoints: Checkpoints } {
  const dir = join(root, name);
  mkdirSync(dir);
  return { dir, checkpoints: new Checkpoints(dir) };
}
function write(checkpoints: Checkpoints, step: number, keep: number): void {
  scope(() =>
    checkpoints.write(
      { step, model: new Map([["w", Tensor.from([step, 0.5], [2])]]), momentum: new Map(), procedure: new Map() },
      keep,
    ),
  );
}
/** Step, first weight and notes of what is read. */
function read(checkpoints: Checkpoints): [step?: number, weight?: number, notes?: number] {
  const notes: string[] = [];
  return scope(() => {
    const checkpoint = checkpoints.read((line) => notes.push(line));
    return [checkpoint?.step, checkpoint?.model.get("w")?.numbers()[0], notes.length];
  });
}

test("the last so many stay, the newest under its own name", () => {
  for (const [keep, names] of [
    [1, ["checkpoint.safetensors"]],
    [3, ["checkpoint-20.safetensors", "checkpoint-30.safetensors", "checkpoint.safetensors"]],
  ] as const) {
    const { dir, checkpoints } = folder(`keep${keep}`);
    for (const step of [10, 20, 30, 40]) write(checkpoints, step, keep);
    assert.deepEqual([readdirSync(dir).sort(), read(checkpoints)], [names, [40, 40, 0]]);
    for (const file of checkpointFiles(dir)) rmSync(file);
    assert.deepEqual(readdirSync(dir), []);
  }
});

test("any bit that changes in the newest is found, the one before is taken and stays until there is a newer one", () => {
  const { dir, checkpoints } = folder("damaged");
  for (const step of [10, 20]) write(checkpoints, step, 2);
  const file = join(dir, "checkpoint.safetensors");
  const good = readFileSync(file);
  for (let at = 0; at < good.length; at++) {
    const bytes = Buffer.from(good);
    bytes[at] ^= 1 << (at % 8);
    rmSync(file); // the older one may be the same file
    writeFileSync(file, bytes);
    assert.deepEqual(read(new Checkpoints(dir)), [10, 10, 1], `byte ${at}`);
  }
  const resumed = new Checkpoints(dir);
  read(resumed);
  write(resumed, 20, 2);
  assert.deepEqual(readdirSync(dir).sort(), ["checkpoint-10.safetensors", "checkpoint.safetensors"]);
  assert.deepEqual(read(resumed), [20, 20, 0]);
});

test("all damaged: an error that names them; without the newest, a kill between two renames, the one before is taken", () => {
  const { dir, checkpoints } = folder("gone");
  for (const step of [10, 20]) write(checkpoints, step, 2);
  rmSync(join(dir, "checkpoint.safetensors"));
  assert.deepEqual(read(new Checkpoints(dir)), [10, 10, 0]);
  writeFileSync(join(dir, "checkpoint-10.safetensors"), "half");
  assert.throws(() => read(new Checkpoints(dir)), /^UserError: .*checkpoint-10\.safetensors: .*; remove it and resume to begin/);
});

test("a checkpoint of an earlier version, without a digest", () => {
  const { dir, checkpoints } = folder("earlier");
  const data = new Uint8Array(Float32Array.of(7, 0.5).buffer);
  writeSafetensors(join(dir, "checkpoint.safetensors"), [["model.w", { dtype: "float32", shape: [2], data }]], { step: "7" });
  assert.deepEqual(read(checkpoints), [7, 7, 0]);
});
