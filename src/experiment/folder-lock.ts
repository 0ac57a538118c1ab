// One process at a time works in a folder: a file `lock` in it holds the number of the process. That of a process which is
// gone (killed, power cut) does not count.

import { existsSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { writeFileAtomic } from "../atomic-write.ts";
import { UserError } from "../errors.ts";

/** Takes the folder, and makes it where need be; returns what gives it back. Throws a UserError while another living process has it. */
export function lockFolder(dir: string): () => void {
  const holder = holderOf(dir);
  if (holder) throw new UserError(`${dir}: process ${holder} works on it; wait for it, or stop it first`);
  writeFileAtomic(lockFile(dir), String(process.pid));
  return () => {
    rmSync(lockFile(dir), { force: true });
    try {
      rmdirSync(dir);
    } catch {} // not empty: something came of it
  };
}

/** The same, after waiting up to `seconds` for the folder to become free. */
export async function lockWhenFree(dir: string, seconds: number): Promise<() => void> {
  const begun = performance.now();
  while (holderOf(dir) && performance.now() - begun < 1000 * seconds) await setTimeout(100);
  return lockFolder(dir);
}

const lockFile = (dir: string): string => join(dir, "lock");

/** The other living process that has the folder, or null. */
function holderOf(dir: string): number | null {
  if (!existsSync(lockFile(dir))) return null;
  const holder = Number(readFileSync(lockFile(dir), "utf8"));
  return holder > 0 && holder !== process.pid && isAlive(holder) ? holder : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}
