// Two set-ups at once, such as two first uses of an installed package, must not build in the same folder: the second waits, and
// finds everything built. The lock is a file with "PID START HOST"; that of a process that has died does not count.

import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { say } from "./progress.mjs";

const FORGOTTEN_AFTER = 1800; // seconds, of a process on another machine, which cannot be asked
const EVERY = 200; // milliseconds

/** Does `work` while no other process does any with the same `folder`, which is made. */
export function oneAtATime(folder, work) {
  const file = join(folder, ".setup-lock");
  const release = () => {
    if (textOf(file) === ownText) rmSync(file, { force: true });
  };
  if (lock(folder, file)) process.on("exit", release);
  try {
    return work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** Returns false where nothing can be written: then either everything is built, or what builds says so. */
function lock(folder, file) {
  for (let told = false; ; ) {
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, ownText, { flag: "wx" });
      return true;
    } catch (error) {
      if (error.code !== "EEXIST") return false;
    }
    const text = textOf(file);
    if (text === null) continue; // it was released just now
    if (!isHeld(file, text)) {
      removeStale(file, text);
      continue;
    }
    if (!told) say(`process ${text.split(" ")[0]} is setting up here; waiting for it (${file})`);
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EVERY);
  }
}

/** When a process began (proc(5)), because its number may be another's later; "-" where the system does not say. */
function startOf(pid) {
  const text = textOf(`/proc/${pid}/stat`);
  return text === null ? "-" : text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}

const ownText = `${process.pid} ${startOf(process.pid)} ${hostname()}`;

function isHeld(file, text) {
  const age = (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0)) / 1000;
  const [pid, start, host] = text.split(" ");
  if (!host) return age < 1; // being written
  if (host !== hostname()) return age < FORGOTTEN_AFTER;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code !== "EPERM") return false; // EPERM: another user's
  }
  return startOf(pid) === start;
}

/** Puts back what is not the stale lock but one that another process has just taken in its place. */
function removeStale(file, text) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    const taken = textOf(aside);
    if (taken !== text) writeFileSync(file, taken, { flag: "wx" });
  } catch {} // another process was faster
  rmSync(aside, { force: true });
}

function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
