// Reads hostile weight files where they could not run anything: the child of weights.mjs, started with
// `--experimental-permission` (no writing of files, child processes, workers or native code) and
// `--disallow-code-generation-from-strings` (no eval). Prints a line of JSON per kind: { form, what, refusal, fault }.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { hostilePickles } from "../../torch/dist/io/hostile-pickle.fixture.js";
import * as p from "../../torch/dist/io/pickle-assembler.js";
import { parsePth } from "../../torch/dist/io/pth.js";
import { parseSafetensors } from "../../torch/dist/io/safetensors.js";
import { pthFile, zipFile } from "../../torch/dist/io/zip-assembler.js";
import { hostileSafetensors } from "./hostile-safetensors.fixture.mjs";

const canary = process.argv[2];
const denied = { code: "ERR_ACCESS_DENIED" };
assert.throws(() => writeFileSync(canary, ""), denied); // otherwise the test would prove nothing
assert.throws(() => spawnSync("touch", [canary]), denied);
assert.throws(() => new Function("return 1")(), EvalError);

const values = p.floats(1, 2, 3, 4, 5, 6);
for (const { what, bytes, message } of hostilePickles(canary)) {
  attempt("zip", what, message, () => parsePth("model.pth", pthFile(bytes, { 0: values })));
  attempt("legacy", what, /./, () => parsePth("model.pth", p.legacyFile(bytes, [["0", 6, values]])));
}
const good = p.pickle(p.dict(p.text("w"), p.tensor()));
assert.equal(parsePth("model.pth", pthFile(good, { 0: values })).size, 1);
for (const [what, bytes, message] of hostileArchives()) attempt("archive", what, message, () => parsePth("model.pth", bytes));
for (const [what, bytes, message] of hostileSafetensors())
  attempt("safetensors", what, message, () => parseSafetensors("model.pth", bytes));

function attempt(form, what, message, read) {
  let [refusal, fault] = ["", null];
  const start = performance.now();
  try {
    read();
    fault = "was read";
  } catch (error) {
    refusal = error.message;
    if (error.name !== "WeightFileError") fault = `${error.name}: ${refusal}`;
    else if (!message.test(refusal)) fault = `unexpected refusal: ${refusal}`;
    else if (!/^model\.pth: [^\p{C}]+$/u.test(refusal)) fault = `not one printable line: ${JSON.stringify(refusal)}`;
  }
  if (performance.now() - start > 10_000) fault = "took more than 10 s";
  if (existsSync(canary)) fault = "ran something";
  console.log(JSON.stringify({ form, what, refusal, fault }));
}

/** Archives that are invalid whatever the pickle. */
function hostileArchives() {
  const entries = [
    ["archive/data.pkl", good],
    ["archive/data/0", values],
  ];
  const [data, storage] = entries;
  const changed = (change) => {
    const bytes = zipFile(entries);
    change(bytes, bytes.lastIndexOf("504b0506", "hex"), bytes.indexOf("504b0102", "hex"));
    return bytes;
  };
  return [
    [
      "compressed entries, as a zip bomb has",
      zipFile(entries, { method: 8 }),
      /is compressed; torch\.save stores without compression/,
    ],
    ["encrypted entries", zipFile(entries, { flags: 1 }), /is encrypted/],
    ["wrong checksums", zipFile(entries, { checksum: 1 }), /the checksum of .* is wrong/],
    ["one name twice", zipFile([...entries, storage]), /holds "archive\/data\/0" twice/],
    ["two pickles", zipFile([...entries, ["other/data.pkl", good]]), /2 data\.pkl/],
    ["no pickle", zipFile([storage]), /no data\.pkl/],
    ["a pickle above the archive", zipFile([["../data.pkl", p.pickle()], storage]), /takes a value from an empty stack/],
    ["a program", zipFile([...entries, ["archive/constants.pkl", good]]), /is a TorchScript program/],
    ["a big-endian machine", zipFile([...entries, ["archive/byteorder", Buffer.from("big")]]), /big-endian/],
    [
      "a storage that is a byte short",
      zipFile([data, ["archive/data/0", values.subarray(1)]]),
      /should be float32\[6\], 24 bytes; the file has 23 bytes/,
    ],
    ["positions beyond the file", zipFile(entries, { shift: 1 << 30 }), /is not where the directory says/],
    ["more entries than there are", changed((bytes, end) => bytes.writeUInt16LE(0xffff, end + 10)), /the archive's directory/],
    ["a directory outside", changed((bytes, end) => bytes.writeUInt32LE(0xfffffff0, end + 16)), /directory lies outside/],
    [
      "an entry of 4 GB",
      changed((bytes, _, directory) => {
        for (const field of [20, 24]) bytes.writeUInt32LE(0xfffffffe, directory + field); // both of its sizes
      }),
      /needs 4294967294 bytes/,
    ],
    [
      "another name in the entry itself",
      changed((bytes) => bytes.write("b", bytes.indexOf("archive"))),
      /has another name in its own header/,
    ],
    [
      "entries that overlap",
      changed((bytes, _, directory) => bytes.writeUInt32LE(0, bytes.indexOf("504b0102", directory + 4, "hex") + 42)),
      /has another name in its own header/,
    ],
    ["zip64 sizes without end", changed64((bytes, at) => bytes.writeBigUInt64LE(2n ** 63n, at)), /is damaged/],
    [
      "a comment that is an archive",
      zipFile(entries, { comment: "PK\u0005\u0006" + "\u0000".repeat(18) }),
      /is damaged|is cut off|no data\.pkl/,
    ],
    ["no end", zipFile(entries).subarray(0, -22), /the archive has no end/],
  ];
  function changed64(change) {
    const bytes = zipFile(entries, { zip64: true });
    const directory = bytes.indexOf("504b0102", "hex");
    change(bytes, directory + 46 + data[0].length + 4);
    return bytes;
  }
}
