// Pixels for training, made in a thread while a step computes: decoded, cut out, resampled, turned, augmented.

import { Worker } from "node:worker_threads";
import { reason, UserError } from "../../errors.ts";
import "../decoder.ts"; // libvips must be loaded here first, or it would leave memory together with the thread
import type { RgbImage } from "../image-file.ts";
import type { WindowRequest } from "./window-request.ts";

export interface LoaderOptions {
  /** Bytes of decoded images that are kept; default 512 MB. */
  readonly cacheBytes?: number;
}

/** What the thread is told at its start. */
export type ThreadOptions = Required<LoaderOptions>;

export interface Question {
  readonly id: number;
  readonly request: WindowRequest;
}

export type Answer =
  | { readonly id: number; readonly image: RgbImage }
  | { readonly id: number; readonly error: { readonly user: string } | { readonly defect: unknown } };

interface Waiting {
  readonly resolve: (image: RgbImage) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A thread that turns requests into pixels, first come, first served. The same request has the same bits each time. It keeps the
 * process alive only while it works.
 *
 * @example
 * const loader = new Loader();
 * const [window] = await loader.load([{
 *   dir: dataset.dir, image: dataset.images[0], crop: { x: 0, y: 0, width: 512, height: 512 }, size: { width: 256, height: 256 },
 *   symmetry: { mirrorX: true, mirrorY: false, transpose: false }, changes: drawChanges({ stain: 0.5 }, new Random(1)),
 * }]);
 * loader.close();
 */
export class Loader {
  readonly #thread: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #count = 0;
  /** Why nothing can be loaded any more. */
  #end: Error | null = null;

  /** `program`: what the thread runs; tests have others. */
  constructor({ cacheBytes = 512e6 }: LoaderOptions = {}, program = new URL("./thread.js", import.meta.url)) {
    const workerData: ThreadOptions = { cacheBytes };
    // Without the options of this process: some, such as --input-type, are refused with a file.
    this.#thread = new Worker(program, { workerData, execArgv: [] });
    this.#thread.on("message", (answer: Answer) => this.#answered(answer));
    this.#thread.on("messageerror", (error) => this.#ended(`its answer cannot be read: ${reason(error)}`, error));
    this.#thread.on("error", (error) => this.#ended(reason(error), error));
    this.#thread.on("exit", (code) => this.#ended(`it exited with ${code}`));
    this.#thread.unref(); // after the listeners, because they keep the process alive
  }

  /** The windows of `requests`, in their order. Throws as `readDatasetImage` does. */
  async load(requests: readonly WindowRequest[]): Promise<RgbImage[]> {
    return await Promise.all(requests.map((request) => this.#one(request)));
  }

  /** Ends the thread; what is still being loaded fails. */
  close(): void {
    this.#end ??= new Error("the loader is closed");
    this.#fail(this.#end);
    void this.#thread.terminate();
  }

  #one({ image: { fileName, width, height, pixels }, ...rest }: WindowRequest): Promise<RgbImage> {
    if (this.#end) return Promise.reject(this.#end);
    const id = this.#count++;
    const question: Question = { id, request: { ...rest, image: { fileName, width, height, pixels } } };
    return new Promise((resolve, reject) => {
      this.#thread.postMessage(question);
      this.#waiting.set(id, { resolve, reject });
      this.#thread.ref();
    });
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#thread.unref();
    if ("image" in answer) waiting?.resolve(answer.image);
    else if ("user" in answer.error) waiting?.reject(Object.assign(new UserError(""), { message: answer.error.user }));
    else waiting?.reject(answer.error.defect);
  }

  #ended(why: string, cause?: unknown): void {
    this.#end ??= new Error(`the thread that loads images has ended: ${why}`, { cause });
    this.#fail(this.#end);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
