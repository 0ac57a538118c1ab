import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import * as fixtures from "./pth-fixtures.ts";
import { writeSafetensors } from "./safetensors.ts";
import { readWeights } from "./weight-file.ts";

const folder = mkdtempSync(join(tmpdir(), "weights-"));
after(() => rmSync(folder, { recursive: true }));

const write = (content: string | Uint8Array): string => {
  const path = join(folder, "model.bin");
  writeFileSync(path, content);
  return path;
};

test("tells formats apart by content, not by name", () => {
  assert.deepEqual([...readWeights(write(fixtures.checkpoint)).tensors.keys()], ["weight", "bias"]);
  assert.equal(readWeights(write(fixtures.legacyStateDict)).tensors.size, 16);
  assert.deepEqual(readWeights(write(fixtures.stateDict)).metadata, {});
  const path = join(folder, "model.pth");
  writeSafetensors(path, [["w", { dtype: "uint8", shape: [1], data: Buffer.of(7) }]], { step: "3" });
  const { tensors, metadata } = readWeights(path);
  assert.deepEqual([...(tensors.get("w")?.data ?? [])], [7]);
  assert.deepEqual(metadata, { step: "3" });
});

test("a safetensors file whose header's length looks like the beginning of a pickle", () => {
  const header = '{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'.padEnd(0x0280);
  const { tensors } = readWeights(
    write(Buffer.concat([Buffer.of(0x80, 0x02, 0, 0, 0, 0, 0, 0), Buffer.from(header), Buffer.of(9)])),
  );
  assert.deepEqual([...(tensors.get("w")?.data ?? [])], [9]);
});

const tar = Buffer.alloc(1024);
tar.write("sys_info");
tar.write("ustar", 257);
const others: [string, string | Uint8Array, RegExp][] = [
  ["an empty file", "", /is empty; copy or download it again/],
  [
    "a web page",
    "\n<!DOCTYPE html>\n<html>not found — sorry",
    /is text that begins "<!DOCTYPE html>\\n<html>.*perhaps a failed download; expected safetensors or/,
  ],
  [
    "a Git LFS pointer",
    "version https://git-lfs.github.com/spec/v1\noid sha256:0",
    /is a Git LFS pointer, not the file itself; run: git lfs pull/,
  ],
  ["a tar archive of the first versions", tar, /is a tar archive, as PyTorch wrote before 0\.1\.10/],
  ["a gzipped file", gzipSync(fixtures.stateDict), /is compressed with gzip; unpack it first/],
  [
    "an image",
    Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
    /is not a known kind of weight file; expected safetensors or/,
  ],
  ["zeros", Buffer.alloc(100), /is not a known kind of weight file/],
  [
    "a safetensors file cut off behind its length",
    Buffer.of(64, 0, 0, 0, 0, 0, 0, 0),
    /is cut off or damaged: the header needs 64 bytes, 0 are left/,
  ],
];
for (const [what, content, message] of others) {
  test(`refuses ${what}`, () => {
    const path = write(content);
    assert.throws(() => readWeights(path), { name: "WeightFileError", message });
    assert.throws(
      () => readWeights(path),
      (error: Error) => error.message.startsWith(`${path}: `) && !error.message.includes("\n"),
    );
  });
}

test("refuses what is not a file", () => {
  assert.throws(() => readWeights(join(folder, "absent")), {
    name: "WeightFileError",
    message: /absent: cannot be read: no such file or directory$/,
  });
  assert.throws(() => readWeights(folder), { name: "WeightFileError", message: /is a folder; expected a weight file/ });
  if (process.platform !== "win32")
    assert.throws(() => readWeights("/dev/zero"), { name: "WeightFileError", message: /is not a regular file/ });
});
