// A command of sparsecell in a child process, with its output in a log.

import { type ChildProcess, fork } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export type Ended = "done" | "interrupted" | "failed";

const interrupted = new Set([128 + 2, 128 + 10, 128 + 15, 128 + 30]); // what `train` says of SIGINT, SIGUSR1 and SIGTERM

export class Command {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;

  /** Appends to the file `log` what it prints. */
  constructor(args: readonly string[], log: string) {
    mkdirSync(dirname(log), { recursive: true });
    const file = openSync(log, "a");
    const program = fileURLToPath(new URL("command-process.js", import.meta.url));
    this.#child = fork(program, args, { stdio: ["ignore", file, file, "ipc"], execArgv: [] });
    closeSync(file);
    this.ended = new Promise((resolve) => {
      this.#child.once("error", () => resolve("failed"));
      this.#child.once("exit", (code, signal) => {
        if (code === 0) resolve("done");
        else resolve(signal === "SIGTERM" || (code !== null && interrupted.has(code)) ? "interrupted" : "failed");
      });
    });
  }

  /** Lets it finish its step and save; `ended` tells when. */
  interrupt(): void {
    this.#child.kill("SIGTERM");
  }
}

/** The last line of a log that says anything: of a command that failed, why. */
export function lastLine(log: string): string {
  if (!existsSync(log)) return "the process could not be started";
  const lines = readFileSync(log, "utf8").split(/[\r\n]+/);
  return lines.findLast((line) => line.trim() !== "")?.trim() ?? "the process ended without a word";
}
