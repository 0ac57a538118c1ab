// One process at a time works in a folder. Its lock is a dangling symbolic link `lock` whose target is "PID START HOST": a link
// is created together with its text and needs no space on a full disk. The lock of a dead process (killed, power cut) does not
// count, even if its PID has been reused: START, from /proc, then differs. Processes on other machines cannot be checked, but
// every lock is touched regularly, and one that has not been touched for minutes does not count.

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
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { UserError, unwritable } from "../errors.ts";
import { isAlive, startOf } from "./process-state.ts";

const TOUCHED_EVERY = 20; // seconds
const FORGOTTEN_AFTER = 300; // seconds: many touches, because a long training step delays them

/**
 * Locks the folder, creating it if necessary, and returns a function that unlocks it; process exit unlocks it too. Throws a
 * UserError while another live process holds the lock and when the folder cannot be written.
 */
export function lockFolder(dir: string): () => void {
  const own = ownText();
  try {
    mkdirSync(dir, { recursive: true });
    while (!writeLock(dir, own)) {
      const text = readLock(dir);
      if (text === own) break;
      if (text === null) continue; // it was released just now
      if (isHeld(dir, text)) throw new UserError(`${dir}: ${holderText(dir, text)}`);
      removeStale(dir, text);
    }
  } catch (error) {
    throw error instanceof UserError ? error : unwritable(dir, error);
  }
  const touching = setInterval(() => touch(dir), 1000 * TOUCHED_EVERY).unref();
  const release = (): void => {
    clearInterval(touching);
    process.off("exit", release);
    if (readLock(dir) === own) rmSync(lockFile(dir), { force: true });
    try {
      rmdirSync(dir);
    } catch {} // not empty
  };
  process.on("exit", release);
  return release;
}

/** The same, after waiting up to `seconds` for the folder to be unlocked. */
export async function lockWhenFree(dir: string, seconds: number): Promise<() => void> {
  const begun = performance.now();
  for (let text = readLock(dir); text && text !== ownText() && isHeld(dir, text); text = readLock(dir)) {
    if (performance.now() - begun > 1000 * seconds) break;
    await setTimeout(100);
  }
  return lockFolder(dir);
}

/** Whether another process works in the folder. */
export function isLocked(dir: string): boolean {
  const text = readLock(dir);
  return text !== null && isHeld(dir, text);
}

const lockFile = (dir: string): string => join(dir, "lock");

const ownText = (): string => `${process.pid} ${startOf(process.pid) ?? "-"} ${hostname()}`;

/** Returns false when a lock exists. */
function writeLock(dir: string, text: string): boolean {
  try {
    try {
      symlinkSync(text, lockFile(dir));
    } catch (error) {
      if (!["EPERM", "ENOTSUP", "ENOSYS"].includes(codeOf(error))) throw error;
      writeFileSync(lockFile(dir), text, { flag: "wx" }); // FAT and some other file systems have no links
    }
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** The text of the lock; null when there is none. */
function readLock(dir: string, file = lockFile(dir)): string | null {
  try {
    return readlinkSync(file);
  } catch (error) {
    if (codeOf(error) === "EINVAL") return readFileSync(file, "utf8");
    return null;
  }
}

/** Earlier versions wrote the PID only, without START and HOST. */
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
  if (host === hostname())
    return `${commandOf(pid)} is at work in it (process ${pid}); wait until it ends, or stop it: kill ${pid}`;
  return `a program on the machine ${host} is at work in it (process ${pid} there); wait until it ends, or stop it there; if it is gone, try again in ${FORGOTTEN_AFTER / 60} minutes or remove ${lockFile(dir)}`;
}

/** "`sparsecell open images`", by which people know it, where the system says so. */
function commandOf(pid: string): string {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    const script = args.findIndex((arg, i) => i > 0 && !arg.startsWith("-"));
    if (/^sparsecell(\.js)?$/.test(basename(args[script])))
      return `\`sparsecell ${args
        .slice(script + 1)
        .join(" ")
        .slice(0, 200)}\``;
  } catch {} // another user's, or it has just ended
  return "another program";
}

/** Removes a stale lock, unless another process has replaced it with its own in the meantime. */
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

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";
