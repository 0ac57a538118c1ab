// Slurm's commands: what they are asked, and what they say, in their own words where something is wrong.

import { spawnSync } from "node:child_process";
import { UserError } from "../errors.ts";

/** A line of the queue. */
export interface QueueLine {
  readonly job: string;
  /** Of an array's element; null for another job. */
  readonly index: number | null;
  readonly state: "waiting" | "running" | "ended";
  /** In Slurm's word: PENDING, TIMEOUT, OUT_OF_MEMORY. */
  readonly word: string;
  /** Why it waits, or why it ended. */
  readonly reason: string;
  readonly node: string;
  /** How long it has been running, and how long it may. */
  readonly elapsed: string;
  readonly comment: string;
}

const waiting = new Set(["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"]);
const running = new Set(["RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING"]);

/** Throws a UserError when Slurm's commands are missing. */
export function requireSlurm(): void {
  slurm("sbatch", ["--version"]);
}

/** The jobs of that name in the queue, an array's elements one by one, and those that ended minutes ago. */
export function queueOf(name: string): QueueLine[] {
  const text = slurm("squeue", ["--name", name, "--states=all", "--array", "--noheader", "-o", "%F|%K|%T|%r|%N|%M|%k"]);
  return text.split("\n").flatMap((line) => {
    const [job, index, word, reason, node, elapsed, ...comment] = line.trim().split("|");
    if (comment.length === 0) return [];
    const state = waiting.has(word) ? "waiting" : running.has(word) ? "running" : "ended";
    return {
      job,
      index: /^\d+$/.test(index) ? Number(index) : null,
      state,
      word,
      reason,
      node,
      elapsed,
      comment: comment.join("|"),
    };
  });
}

/** Submits a script; returns the job's number. */
export function submitScript(file: string, options: readonly string[]): string {
  return slurm("sbatch", ["--parsable", ...options, file])
    .trim()
    .split(";")[0]; // a federation adds the cluster's name
}

export function cancelJobs(jobs: readonly string[]): void {
  slurm("scancel", [...jobs]);
}

/** How many elements an array may have. */
export function largestArray(): number {
  const found = /^MaxArraySize\s*=\s*(\d+)/m.exec(slurm("scontrol", ["show", "config"]));
  return Math.max(1, Number(found?.[1] ?? 1001));
}

/** Runs one of Slurm's commands; returns its output. Throws a UserError with its own words when it fails. */
function slurm(command: string, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (error && (error as NodeJS.ErrnoException).code === "ENOENT")
    throw new UserError(`${command}: no such command; run this where Slurm's commands are, on a cluster's login node`);
  if (error) throw new UserError(`${command}: cannot be run: ${error.message}`);
  if (status === 0) return stdout;
  throw new UserError(`${command}: ${wordsOf(command, stderr) || `ended with code ${status}`}${remedy(stderr)}`);
}

/** "sbatch: error: …" without what every line begins with. */
const wordsOf = (command: string, stderr: string): string =>
  stderr
    .split("\n")
    .map((line) => line.replace(new RegExp(`^${command}: (error: |fatal: )?`), "").trim())
    .filter((line) => line !== "")
    .join("; ");

function remedy(stderr: string): string {
  if (/partition/i.test(stderr)) {
    const { status, stdout } = spawnSync("sinfo", ["--noheader", "-o", "%R"], { encoding: "utf8" });
    const known = [...new Set((stdout ?? "").split("\n").filter((line) => line !== ""))];
    if (status === 0 && known.length > 0) return `; the partitions are ${known.join(", ")}; choose one with --partition`;
  }
  if (/configuration source|fetch config/i.test(stderr))
    return "; Slurm is not set up on this machine; run this on a cluster's login node";
  if (/account/i.test(stderr)) return "; check --account";
  if (/time (limit|specification)|--time/i.test(stderr)) return "; check --time";
  return "";
}
