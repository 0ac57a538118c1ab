// Every program in examples/ runs as its header says, prints what it is to print, and is correct by the library's types.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "examples-"));
after(() => rmSync(folder, { recursive: true }));

const node = (...args) =>
  execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", env: { ...process.env, TMPDIR: folder } });
const programs = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".mjs"));

/** The number behind `words` in a program's output. */
const numberAfter = (words, output) => Number(output.split(`${words} `)[1].split(/[\s,;]/)[0]);

/** The output of train-without-trainer.mjs, which runs once. */
const trained = () => (output ??= node("examples/train-without-trainer.mjs", join(folder, "trained")));
let output;

const tests = {
  "train-without-trainer.mjs": () => {
    const output = trained();
    const [first, last] = ["first", "last"].map((which) => numberAfter(`mean loss of the ${which} 8 steps:`, output));
    assert.ok(last < first / 2, output);
  },
  "detect-on-a-folder.mjs": () => {
    trained();
    const output = node(
      "examples/detect-on-a-folder.mjs",
      join(folder, "trained/model.safetensors"),
      join(folder, "trained/images"),
    );
    const lines = output.trimEnd().split("\n");
    assert.equal(lines.length, 8);
    for (const line of lines) assert.match(line, /^ki67-\d+\.png: [1-9]\d* cells of score 0\.5 or more; the best at( \d+){4}$/);
  },
  "calibration-of-your-own.mjs": () => {
    const output = node("examples/calibration-of-your-own.mjs");
    assert.match(output, /^weights: 0\.90 0\.20 1\.00$/m);
    const [plain, trusting] = ["fpn", "trusting"].map((name) => numberAfter(`${name}: loss of the classes`, output));
    assert.ok(trusting < plain, output);
  },
  "format-of-your-own.mjs": () => {
    const output = node("examples/format-of-your-own.mjs", join(folder, "circles"));
    assert.match(output, /^4 images in 4 groups\n(\d+) of \1 marks kept, \d+ clipped at an edge\ncategories: cell\n$/);
  },
  "measure-coco-file.mjs": () => {
    const output = node("examples/measure-coco-file.mjs");
    assert.match(output, /^2 images, 3 cells, 3 detections$/m);
    assert.match(output, /^average precision 54\.5 %, recall 66\.7 %, best F1 66\.7 %$/m);
    assert.match(output, /^at score 0\.5: recall 33\.3 %, precision 50\.0 %$/m);
  },
  "read-pth.mjs": () => {
    assert.equal(node("examples/read-pth.mjs"), "weight float32 [1, 2]\nbias float32 [1]\nlinear(1, 1) = -0.5080\n");
  },
  "energy-of-boxes.mjs": () => {
    assert.match(node("examples/energy-of-boxes.mjs"), /^box at 12 10: density 50\.0, energy 0\.333$/m);
  },
};

for (const [name, check] of Object.entries(tests)) test(`examples/${name} runs`, check);

test("every example has a test, a header with its command, and a line in examples/README.md", () => {
  assert.deepEqual(programs.sort(), Object.keys(tests).sort());
  const list = readFileSync(join(root, "examples/README.md"), "utf8");
  for (const name of programs) {
    assert.match(
      readFileSync(join(root, "examples", name), "utf8"),
      new RegExp(`^// .*\\n[^]*?^//   node examples/${name}.*\\d s`, "m"),
    );
    assert.ok(list.includes(`](${name})`), name);
  }
});

test("examples fit the library's types", () => {
  node("node_modules/typescript/bin/tsc", "-p", "examples");
});
