// Measures the start-up of commands: `--help`, and `predict` on one small image (which loads libtorch and a model).
//
//   node benchmarks/start.mjs
//
// Takes about a minute, because it first trains a model for 1 step. Prints medians of 7 runs.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../bin/sparsecell.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sparsecell-start-"));
const run = (...args) => execFileSync(process.execPath, [program, ...args], { cwd: folder, stdio: "pipe" });

function median(...args) {
  const seconds = Array.from({ length: 7 }, () => {
    const start = performance.now();
    run(...args);
    return (performance.now() - start) / 1000;
  });
  return `${seconds.sort((a, b) => a - b)[3].toFixed(2)} s`;
}

try {
  run("data", "synth", "--kind", "ki67", "--images", "2", "--size", "64x64", "--out", "data");
  run("train", "data", "--backbone", "resnet18", "--input-size", "64", "--steps", "1", "--out", "run");
  const image = join("data/images", readdirSync(join(folder, "data/images"))[0]);
  console.log(`--help: ${median("--help")}`);
  console.log(`predict, ResNet-18, one image of 64 × 64: ${median("predict", "--model", "run", image, "--out", "found.json")}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
