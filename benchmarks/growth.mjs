// Measures how the time and memory of a training step grow with image size, sampled RoIs and batch size.
//
//   node benchmarks/growth.mjs [--backbone resnet50] [--dtype float32]
//
// Takes about 6 minutes with the defaults on 2 cores, half of it in bfloat16. Everything else is as in `sparsecell bench step`.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { backbone: { type: "string", default: "resnet50" }, dtype: { type: "string", default: "float32" } },
});
const program = fileURLToPath(new URL("../bin/sparsecell.js", import.meta.url));

function step(options) {
  const args = Object.entries({ ...values, steps: 2, ...options }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return JSON.parse(execFileSync(process.execPath, [program, "bench", "step", ...args, "--json"], { encoding: "utf8" }));
}

/** Prints a table; `amount`: what the time should grow with. A constant last column means linear growth. */
function table(title, { name, list, amount, base }) {
  const last = `more s per ${base} more`;
  console.log(`\n${title}\n${[name.padStart(6), "s a step", " MiB", last].join("  ")}`);
  let before = null;
  for (const value of list) {
    const { seconds, peakMiB } = step({ [name]: value });
    const each = before ? ((seconds - before.seconds) / (amount(value) - before.amount)).toFixed(3) : "";
    before = { seconds, amount: amount(value) };
    console.log(
      [String(value).padStart(6), seconds.toFixed(3).padStart(8), String(peakMiB).padStart(4), each.padStart(last.length)].join(
        "  ",
      ),
    );
  }
}

console.log(`${values.backbone}, ${values.dtype}; 800 × 800 pixels, 512 RoIs, one image unless stated otherwise`);
table("side of the image", { name: "size", list: [400, 800, 1200, 1600], amount: (s) => s ** 2 / 1e6, base: "megapixel" });
table("RoIs", { name: "rois", list: [128, 256, 512, 1024, 2048], amount: (n) => n / 512, base: "512 RoIs" });
table("images", { name: "batch", list: [1, 2, 4], amount: (n) => n, base: "image" });
