// What the system says of a process on this machine.

import { readFileSync } from "node:fs";

/** False also for a process that has ended and that nobody has waited for. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false; // EPERM: another user's
  }
  return stat(pid)?.[0] !== "Z";
}

/** By SIGSTOP, SIGTSTP or a debugger; false where the system does not say. */
export const isStopped = (pid: number): boolean => ["T", "t"].includes(stat(pid)?.[0] ?? "");

/** When the process began, in the kernel's ticks; null where the system does not say. */
export const startOf = (pid: number): string | null => stat(pid)?.[19] ?? null;

/** Its state and what follows in /proc/PID/stat (proc(5)), after the name, which may hold anything. */
function stat(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}
