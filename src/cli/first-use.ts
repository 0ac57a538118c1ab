// The package comes without the native addon, which fits only the libtorch that it is built against: the first command that
// computes builds it, as `sparsecell setup` does.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UserError } from "../errors.ts";

const addon = fileURLToPath(new URL("../build/addon.node", import.meta.resolve("@sparsecell/torch")));
const stamp = fileURLToPath(new URL("../build/.setup-stamp", import.meta.resolve("@sparsecell/torch"))); // written last
const setup = fileURLToPath(new URL("../../scripts/setup.mjs", import.meta.url));

/** Commands that need libtorch whatever their options are. */
const computing = new Set([
  "bench",
  "compare",
  "demo",
  "experiment",
  "gradients",
  "plan",
  "predict",
  "reproduce",
  "run-unit",
  "train",
]);

/** Throws a UserError when set-up fails. */
export function setUpAtFirstUse(command: string): void {
  if (!computing.has(command) || (existsSync(addon) && existsSync(stamp))) return;
  console.error("first use: building the native addon against libtorch, once");
  const { status } = spawnSync(process.execPath, [setup], { stdio: ["inherit", 2, "inherit"] });
  if (status !== 0) throw new UserError("set-up failed, for the reason above; what is missing: npx sparsecell doctor");
}
