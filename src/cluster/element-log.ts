// The end of what an element printed. Slurm's own lines stand among it.

import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { printable } from "../errors.ts";

export interface LogEnd {
  /** The last line that the program printed, or else Slurm. */
  readonly line: string;
  /** By a person, not for its time, memory or node. */
  readonly cancelled: boolean;
}

/** Null for an element that has printed nothing. */
export function logEnd(file: string): LogEnd | null {
  const lines = endOf(file)
    .split("\n")
    .map((line) => printable(line.slice(line.lastIndexOf("\r") + 1)).trim()) // a terminal's line is drawn over and over
    .filter((line) => line !== "");
  if (lines.length === 0) return null;
  const isSlurms = (line: string): boolean => /^(slurmstepd|slurmd|srun|scontrol)\b.*: /.test(line);
  const cancelled = lines.slice(-3).some((line) => isSlurms(line) && /CANCELLED AT/.test(line) && !/DUE TO/.test(line));
  return { line: lines.findLast((line) => !isSlurms(line)) ?? (lines.at(-1) as string), cancelled };
}

const BYTES = 4096;

function endOf(file: string): string {
  if (!existsSync(file)) return "";
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(BYTES, size));
    return bytes.toString("utf8", 0, readSync(handle, bytes, 0, bytes.length, size - bytes.length));
  } finally {
    closeSync(handle);
  }
}
