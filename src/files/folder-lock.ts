// One process at a time works in a folder: a symbolic link `lock` in it, to nowhere, says which one ("PID START HOST"). A link
// is made with its text at once or not at all, and needs no room on a full disk. That of a process which is gone (killed,
// power cut) does not count, also when another process has its number by now: START, from /proc, differs. A process of another
// machine cannot be asked, but every lock is touched now and then: one that has not been for minutes does not count.

import {
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { reason, UserError } from "../errors.ts";

const TOUCHED_EVERY = 20; // seconds
const FORGOTTEN_AFTER = 300; // seconds: many touches, since a long training step delays them

/**
 * Takes the folder, and makes it where need be; returns what gives it back, which also happens when the process exits. Throws
 * a UserError while another living process has it, and when nothing can be written there.
 */
export function lockFolder(dir: string): () => void {
  const own = ownText();
  try {
    mkdirSync(dir, { recursive: true });
    while (!writeLock(dir, own)) {
      const text = readLock(dir);
      if (text === own) break;
      if (text === null) continue; // it was given back just now
      if (isHeld(dir, text)) throw new UserError(`${dir}: ${holderText(dir, text)}`);
      removeStale(dir, text);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${dir}: cannot be written: ${reason(error)}; free some room or choose another folder`);
  }
  const touching = setInterval(() => touch(dir), 1000 * TOUCHED_EVERY).unref();
  const release = (): void => {
    clearInterval(touching);
    process.off("exit", release);
    if (readLock(dir) === own) rmSync(lockFile(dir), { force: true });
    try {
      rmdirSync(dir);
    } catch {} // not empty: something came of it
  };
  process.on("exit", release);
  return release;
}

/** The same, after waiting up to `seconds` for the folder to become free. */
export async function lockWhenFree(dir: string, seconds: number): Promise<() => void> {
  const begun = performance.now();
  for (let text = readLock(dir); text && text !== ownText() && isHeld(dir, text); text = readLock(dir)) {
    if (performance.now() - begun > 1000 * seconds) break;
    await setTimeout(100);
  }
  return lockFolder(dir);
}

const lockFile = (dir: string): string => join(dir, "lock");

const ownText = (): string => `${process.pid} ${startOf(process.pid) ?? "-"} ${hostname()}`;

/** False when there is a lock already. */
function writeLock(dir: string, text: string): boolean {
  try {
    try {
      symlinkSync(text, lockFile(dir));
    } catch (error) {
      if (!["EPERM", "ENOTSUP", "ENOSYS"].includes(codeOf(error))) throw error;
      writeFileSync(lockFile(dir), text, { flag: "wx" }); // a file system without links, such as FAT
    }
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** What the lock says; null where there is none. */
function readLock(dir: string, file = lockFile(dir)): string | null {
  try {
    return readlinkSync(file);
  } catch (error) {
    if (codeOf(error) === "EINVAL") return readFileSync(file, "utf8");
    return null;
  }
}

/** `text` without START and HOST is of an earlier version. */
function isHeld(dir: string, text: string): boolean {
  const [pid, start = "-", host = hostname()] = text.split(" ");
  if (host !== hostname())
    return (Date.now() - (lstatSync(lockFile(dir), { throwIfNoEntry: false })?.mtimeMs ?? 0)) / 1000 < FORGOTTEN_AFTER;
  if (!(Number(pid) > 0) || Number(pid) === process.pid || !isAlive(Number(pid))) return false;
  const now = startOf(Number(pid));
  return start === "-" || now === null || now === start;
}

function holderText(dir: string, text: string): string {
  const [pid, , host = hostname()] = text.split(" ");
  if (host === hostname()) return `process ${pid} works on it; wait for it, or stop it first`;
  return `process ${pid} of the machine ${host} works on it; wait for it, or stop it first; if it is gone, try again in ${FORGOTTEN_AFTER / 60} minutes or remove ${lockFile(dir)}`;
}

/** Takes a lock that does not count away, unless another process was quicker and this is its own by now: that stays. */
function removeStale(dir: string, text: string): void {
  const aside = join(dir, `.lock.${process.pid}.tmp`);
  try {
    renameSync(lockFile(dir), aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  const taken = readLock(dir, aside);
  if (taken !== null && taken !== text) writeLock(dir, taken);
  rmSync(aside, { force: true });
}

function touch(dir: string): void {
  try {
    lutimesSync(lockFile(dir), new Date(), new Date());
  } catch {} // it will be missed by nobody but other machines
}

/** False also for a process that has ended and that nobody has waited for. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return false; // EPERM: another user's
  }
  return stat(pid)?.[0] !== "Z";
}

/** When the process began, in the kernel's ticks; null where the system does not say. */
const startOf = (pid: number): string | null => stat(pid)?.[19] ?? null;

/** Its state and what follows in /proc/PID/stat (proc(5)), after the name, which may hold anything. */
function stat(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";
