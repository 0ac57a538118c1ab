// The launcher of `train --processes N`: N processes of the same command on this machine. The first one has the terminal; the
// others are silent. A signal goes to all. When one ends badly or is stopped, all are ended, and one line says which it was.

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { reason, UserError } from "../../errors.ts";
import { isStopped } from "../../files/process-state.ts";
import { shellWord } from "../../files/shell-word.ts";
import { STORE_VARIABLE } from "../../train/process-place.ts";
import { trackStop } from "./stop-signal.ts";

export interface LaunchOptions {
  readonly count: number;
  /** Of the command line, without the program's name. */
  readonly args: readonly string[];
  /** The run's folder. */
  readonly out: string;
  /** What to run; tests have others. */
  readonly program?: string;
}

/** What a process says of its failure. */
interface Failure {
  readonly text: string;
  /** user: a UserError; others: another process is the cause; defect: any other error. */
  readonly kind: "user" | "others" | "defect";
}

/** Seconds between the end of one process and that of those that do not end by themselves. */
const [GRACE, KILL] = [2, 5];
/** For so many seconds a process may be stopped. */
const STOPPED = 15;

/** Ends with the exit code of the first process; throws an Error that says which one failed, and why. */
export async function launchProcesses({ count, args, out, program = ownProgram }: LaunchOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sparsecell-"));
  const children = Array.from(
    { length: count },
    (_, rank) => new Child(rank, { count, args, program, store: join(folder, "store") }),
  );
  const stop = trackStop((signal) => {
    for (const child of children) child.signal(signal);
  }, null); // the first process says so
  const watch = setInterval(() => {
    for (const child of children) child.look();
  }, 1000);
  try {
    await Promise.race([Promise.all(children.map((child) => child.ended)), ...children.map((child) => child.failed)]);
    if (children.some((child) => child.hasFailed)) {
      await endAll(children);
      throw failureOf(children, { count, out });
    }
    process.exitCode = children[0].code ?? 0;
  } finally {
    clearInterval(watch);
    stop.release();
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a process that `launchProcesses` started: errors are told to it, and the end of the launcher is its end. */
export async function asLaunched(body: () => Promise<void>): Promise<void> {
  if (!process.env[STORE_VARIABLE] || !process.send) return body();
  process.once("disconnect", () => process.exit(1));
  process.channel?.unref(); // it would keep the process alive
  try {
    await body();
  } catch (error) {
    const { OthersFailed } = await import("../../train/processes.ts");
    const kind = error instanceof OthersFailed ? "others" : error instanceof UserError ? "user" : "defect";
    const failure: Failure = { kind, text: error instanceof Error ? error.message : String(error) };
    await new Promise((resolve) => process.send?.(failure, resolve));
    process.exit(1); // a sum that failed may still be under way in a thread
  }
}

const ownProgram = fileURLToPath(new URL("../../../bin/sparsecell.js", import.meta.url));

class Child {
  readonly rank: number;
  readonly #process: ChildProcess;
  /** When it has ended, well or not. */
  readonly ended: Promise<void>;
  /** When it has failed. */
  readonly failed: Promise<void>;
  code: number | null = null;
  endedBy: NodeJS.Signals | null = null;
  failure: Failure | null = null;
  /** The last line that it wrote. */
  #stderr = "";
  #isEnding = false;
  #seconds = 0;
  #fail: () => void = () => {};
  #settle: () => void = () => {};

  constructor(
    rank: number,
    { count, args, program, store }: { count: number; args: readonly string[]; program: string; store: string },
  ) {
    this.rank = rank;
    const place = { RANK: String(rank), WORLD_SIZE: String(count), LOCAL_RANK: String(rank), LOCAL_WORLD_SIZE: String(count) };
    this.#process = fork(program, [...args], {
      env: { ...process.env, ...place, [STORE_VARIABLE]: store },
      stdio: rank === 0 ? ["ignore", "inherit", "inherit", "ipc"] : ["ignore", "ignore", "pipe", "ipc"],
      detached: true, // Ctrl-C on the terminal comes to them from here
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-10_000);
    });
    this.#process.on("message", (failure: Failure) => {
      this.failure = failure;
    });
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#process.on("error", (error) => {
      this.failure ??= { kind: "defect", text: reason(error) };
      this.#fail();
      this.#settle();
    });
    this.#process.on("exit", (code, signal) => {
      [this.code, this.endedBy] = [code, this.#isEnding ? null : signal];
      if (this.#isEnding) this.#settle(); // Node says no "close" of a child that it was disconnected from
    });
    this.#process.on("close", () => {
      if (this.hasFailed) this.#fail();
      this.#settle();
    });
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid !== undefined;
  }

  /** Whether it ended badly, or will. Codes above 128 are those of a training that a signal has stopped. */
  get hasFailed(): boolean {
    return this.failure !== null || this.endedBy !== null || (this.code !== null && this.code !== 0 && this.code <= 128);
  }

  /** Once a second. */
  look(): void {
    this.#seconds = this.isRunning && isStopped(this.#process.pid as number) ? this.#seconds + 1 : 0;
    if (this.#seconds < STOPPED || this.failure) return;
    this.failure = { kind: "user", text: `has been stopped (SIGSTOP) for ${STOPPED} seconds` };
    this.#fail();
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#process.kill(signal);
  }

  /** Asks it to end at once, without a word. */
  end(): void {
    this.#isEnding ||= this.isRunning;
    if (this.#process.connected) this.#process.disconnect();
    if (!this.isRunning) this.#settle();
  }

  kill(): void {
    this.end();
    this.signal("SIGKILL");
  }

  get lastLine(): string {
    return this.#stderr.trim().split("\n").at(-1) ?? "";
  }
}

async function endAll(children: readonly Child[]): Promise<void> {
  const all = Promise.all(children.map((child) => child.ended));
  const timers = [
    setTimeout(() => children.forEach((child) => child.end()), 1000 * GRACE),
    setTimeout(() => children.forEach((child) => child.kill()), 1000 * KILL),
  ];
  await all;
  timers.forEach(clearTimeout);
}

interface Told {
  readonly count: number;
  readonly out: string;
}

/** The cause rather than what follows from it. */
function failureOf(children: readonly Child[], { count, out }: Told): Error {
  const resume = `; resume with: npx sparsecell train --resume ${shellWord(out)}`;
  const name = ({ rank }: Child): string => `process ${rank} of ${count}`;
  const killed = children.find((child) => child.endedBy);
  if (killed) return new UserError(`${name(killed)} was ended by ${killed.endedBy}${resume}`);
  const own = children.find(({ failure }) => failure && failure.kind !== "others");
  if (own?.failure) {
    const { kind, text } = own.failure;
    if (kind === "defect") return new Error(own.rank === 0 ? text : `${name(own)}: ${text}`);
    return new UserError(
      text.startsWith("has been stopped") ? `${name(own)} ${text}${resume}` : own.rank === 0 ? text : `${name(own)}: ${text}`,
    );
  }
  const silent = children.find((child) => !child.failure && child.hasFailed);
  if (silent)
    return new UserError(`${name(silent)} ended with code ${silent.code}: ${silent.lastLine || "it said nothing"}${resume}`);
  const other = children.find(({ failure }) => failure);
  return new UserError(`${other?.failure?.text ?? "a process failed"}${resume}`);
}
