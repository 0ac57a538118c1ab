// Runs each measurement in a separate process, so that peak memory is measured separately, and alternates with a peer's, so that
// disturbances on the machine affect both.

import { type ChildProcess, execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { reason, UserError } from "../errors.ts";
import type { BenchOptions } from "./bench-options.ts";
import { onSignal } from "./on-signal.ts";
import type { PartName } from "./parts.ts";

export interface Measured {
  /** The median. */
  readonly seconds: number;
  readonly all: readonly number[];
  /** Peak resident memory of the process. */
  readonly peakMiB: number;
}

export interface Round {
  readonly part: PartName;
  readonly ours: Measured;
  /** Null if the peer does not have this part. */
  readonly theirs: Measured | null;
}

export interface InTurnsOptions {
  readonly names: readonly PartName[];
  readonly options: BenchOptions;
  readonly threads?: number;
  readonly against?: "torchvision";
  readonly python: string;
  readonly rounds: number;
}

const theirParts: readonly PartName[] = ["step", "detect", "roi-align", "nms"];

const program = fileURLToPath(new URL("../../bin/sparsecell.js", import.meta.url));
const peer = fileURLToPath(new URL("../../benchmarks/torchvision_peer.py", import.meta.url));

/** Throws a UserError when the peer is not installed, or a process fails. A signal to this process ends the one that measures. */
export async function inTurns(turns: InTurnsOptions): Promise<Round[]> {
  const { names, options, threads = availableParallelism(), against, python, rounds } = turns;
  const { backbone, size, batch, boxes, rois, steps, method, dtype, device, channelsLast } = options;
  const shared = argumentsOf({ backbone, size, batch, boxes, rois, steps, threads, device });
  const onGpu = device !== "cpu";
  const results: Round[] = [];
  for (let round = 0; round < rounds; round++)
    for (const part of names) {
      const onlyOurs = [...argumentsOf({ method, dtype }), ...(channelsLast ? [] : ["--no-channels-last"])];
      const ours = await run(process.execPath, [program, "bench", part, ...shared, ...onlyOurs, "--json"]);
      const compared = against && theirParts.includes(part);
      const theirs = compared ? await run(python, [peer, part, ...shared, ...(onGpu ? ["--autocast"] : [])]) : null;
      results.push({ part, ours, theirs });
    }
  return results;
}

const argumentsOf = (options: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);

async function run(file: string, args: readonly string[]): Promise<Measured> {
  let child: ChildProcess | undefined;
  const release = onSignal((signal) => child?.kill(signal));
  try {
    const stdout = await new Promise<string>((done, fail) => {
      child = execFile(file, args, { encoding: "utf8", maxBuffer: 1 << 26 }, (error, out, stderr) =>
        error ? fail(Object.assign(error, { stderr })) : done(out),
      );
    });
    return JSON.parse(stdout);
  } catch (error) {
    const stderr = String((error as { stderr?: unknown }).stderr ?? "");
    const missing = /No module named '(\w+)'/.exec(stderr)?.[1];
    if (missing)
      throw new UserError(
        `${file}: missing module ${missing}; install it (Debian: apt install python3-torchvision) or choose another --python`,
      );
    const why = /^\w*(?:Error|sparsecell|bench)\b.*$/m.exec(stderr)?.[0] ?? reason(error).split("\n", 1)[0];
    throw new UserError(`${file}: measurement failed: ${why}; the command was: ${[file, ...args].join(" ")}`);
  } finally {
    release();
  }
}
