// The package comes without the native addon, which fits only the libtorch that it is built against: the first command that
// computes builds it, as `sparsecell setup` does.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { constants } from "node:os";
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
export async function setUpAtFirstUse(command: string): Promise<void> {
  if (!computing.has(command) || (existsSync(addon) && existsSync(stamp))) return;
  console.error("first use: building the native addon against libtorch, once");
  if ((await runSetUp(setup)) !== 0)
    throw new UserError("set-up failed, for the reason above; what is missing: npx sparsecell doctor");
}

/**
 * Runs the script; resolves to its exit code. A signal that ends this process ends the script's compilers, too: on a terminal Ctrl-C
 * reaches them by itself, and set-up may ask there for a password; elsewhere, such as under the workbench's server, they are a
 * process group that gets the signal from here.
 */
export async function runSetUp(script: string): Promise<number | null> {
  const detached = !process.stdin.isTTY;
  const child = spawn(process.execPath, [script], { stdio: ["inherit", 2, "inherit"], detached });
  const signals = ["SIGINT", "SIGTERM", "SIGUSR1"] as const;
  const pass = (signal: NodeJS.Signals): void => {
    try {
      process.kill(detached ? -Number(child.pid) : Number(child.pid), "SIGTERM");
    } catch {} // it has just ended
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, pass);
  try {
    const [status] = await once(child, "close");
    return status;
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}
