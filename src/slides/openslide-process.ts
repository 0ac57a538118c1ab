// The process that reads a slide by OpenSlide (openslide-reader.cc), and what it answers. A process that ends, because a damaged
// slide crashes it or takes too much, is started again for the next read.

import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Built by set-up where there is a C++ compiler. */
const READER = fileURLToPath(new URL("../../build/openslide/reader", import.meta.url));

/** "tile": only the part that was asked for cannot be read; "ended": nor does the process live on. */
export type Failure = "missing" | "unknown" | "damaged" | "tile" | "ended" | "closed";

/** What OpenSlide, or the end of its process, says. */
export class OpenslideError extends Error {
  readonly kind: Failure;

  constructor(kind: Failure, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The version of the installed OpenSlide; null if there is none, or the reader was not built. */
export function openslideVersion(): string | null {
  try {
    return execFileSync(READER, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Gives the value that the bytes so far make up and how many they are, or null while some are missing. */
type Parse<T> = (bytes: Buffer) => { readonly value: T; readonly length: number } | null;

export class OpenslideProcess {
  readonly #file: string;
  #child: Child | null = null;
  /** The answer that is waited for; answers come in the order of requests. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(file: string) {
    this.#file = resolve(file);
  }

  /** The lines that the reader says of the slide. */
  facts(): Promise<string[]> {
    return this.#next(async () => this.#start());
  }

  /** RGB of a part, whose place is in pixels of level 0 and whose size in those of the level. */
  pixels(level: number, x: number, y: number, width: number, height: number): Promise<Uint8Array> {
    return this.#next(async () => {
      if (this.#child === null) await this.#start();
      const child = this.#child as Child;
      child.stdin.write(`${level} ${x} ${y} ${width} ${height}\n`);
      return this.#answer(child, pixelsOf);
    });
  }

  close(): void {
    this.#closed = true;
    this.#child?.kill("SIGKILL");
    this.#child = null;
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(() => {
      if (this.#closed) throw new OpenslideError("closed", "it was closed");
      return work();
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  #start(): Promise<string[]> {
    if (!existsSync(READER)) throw new OpenslideError("missing", "its reader was not built");
    const child = spawn(READER, [this.#file], { stdio: ["pipe", "pipe", "ignore"] });
    child.stdin.on("error", () => {}); // the end of the process says it
    child.once("close", () => {
      if (this.#child === child) this.#child = null;
    });
    this.#child = child;
    return this.#answer(child, factsOf);
  }

  /** Waits for an answer. Only while it does, the process keeps the program from ending. */
  async #answer<T>(child: Child, parse: Parse<T>): Promise<T> {
    hold(child, true);
    try {
      return await answerOf(child, parse);
    } catch (error) {
      if (!(error instanceof OpenslideError) || error.kind !== "tile") this.#child = null;
      throw error;
    } finally {
      hold(child, false);
    }
  }
}

/** Whether the program waits for the process and its pipes, which are sockets. */
function hold(child: Child, on: boolean): void {
  const method = on ? "ref" : "unref";
  child[method]();
  for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as { ref(): void; unref(): void })[method]();
}

function answerOf<T>(child: Child, parse: Parse<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let [length, wanted] = [0, 0]; // bytes
    const settle = (end: () => void) => {
      child.stdout.off("data", onData);
      child.off("error", onError).off("close", onClose);
      end();
    };
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < wanted) return;
      const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      chunks.splice(0, chunks.length, bytes);
      try {
        const found = parse(bytes);
        if (found?.length === length) settle(() => resolve(found.value));
        else wanted = found?.length ?? length + 1;
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const onClose = () =>
      settle(() => reject(new OpenslideError(child.killed ? "closed" : "ended", `its process ended (${endOf(child)})`)));
    const onError = (error: Error) => settle(() => reject(new OpenslideError("missing", error.message)));
    child.on("error", onError).on("close", onClose);
    child.stdout.on("data", onData);
  });
}

/** How a process ended: SIGPROF is the limit of computing, SIGSEGV a crash. */
function endOf({ signalCode, exitCode }: Child): string {
  if (signalCode === "SIGPROF") return "it computed for too long";
  return signalCode ?? `exit code ${exitCode ?? "unknown"}`;
}

const factsOf: Parse<string[]> = (bytes) => {
  const text = bytes.toString("utf8");
  requireNoError(text);
  return text.endsWith("\nready\n") ? { value: text.trimEnd().split("\n").slice(0, -1), length: bytes.length } : null;
};

const pixelsOf: Parse<Uint8Array> = (bytes) => {
  const end = bytes.indexOf("\n");
  if (end === -1) return null;
  const head = bytes.toString("utf8", 0, end);
  requireNoError(`${head}\n`);
  const count = Number(head.replace("pixels ", ""));
  const value = new Uint8Array(bytes.buffer, bytes.byteOffset + end + 1, Math.max(0, Math.min(count, bytes.length - end - 1)));
  return { value, length: end + 1 + count };
};

function requireNoError(text: string): void {
  const match = /^error (\w+) (.*)\n/.exec(text);
  if (match) throw new OpenslideError(match[1] as Failure, match[2]);
}
