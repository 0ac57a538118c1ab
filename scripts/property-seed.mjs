// Loaded before each test file: property tests (fast-check) use the same random inputs in every run of the suite, so that none
// fails by chance. PROPERTY_SEED=7 takes other inputs, PROPERTY_SEED=free new ones in every run.

import { readFileSync } from "node:fs";

const file = process.argv[1];
const seed = process.env.PROPERTY_SEED ?? "1";
if (seed !== "free" && file?.endsWith(".test.js") && readFileSync(file, "utf8").includes('"fast-check"')) {
  const { default: fc } = await import("fast-check");
  fc.configureGlobal({ seed: Number(seed) });
}
