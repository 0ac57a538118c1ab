// The loader's thread: answers one request after the other, in the order in which they come.

import { parentPort, workerData } from "node:worker_threads";
import { UserError } from "../../errors.ts";
import { readDatasetImage } from "../dataset-image.ts";
import { ImageCache } from "./image-cache.ts";
import type { Answer, Question, ThreadOptions } from "./loader.ts";
import { windowPixels } from "./window-request.ts";

const port = parentPort;
if (port === null) throw new Error("thread.ts runs in a thread of loader.ts only");
const cache = new ImageCache((workerData as ThreadOptions).cacheBytes);

async function answer({ id, request }: Question): Promise<Answer> {
  try {
    const { dir, image } = request;
    const key = JSON.stringify([dir, image.fileName, image.width, image.height, image.pixels]);
    const whole = await cache.get(key, () => readDatasetImage(dir, image));
    const { width, height, data } = await windowPixels(whole, request);
    return { id, image: { width, height, data: new Uint8Array(data) } }; // a copy, because memory of libvips cannot be handed over
  } catch (error) {
    return { id, error: error instanceof UserError ? { user: error.message } : { defect: error } };
  }
}

let last = Promise.resolve();
port.on("message", (question: Question) => {
  last = last.then(async () => {
    const answered = await answer(question);
    port.postMessage(answered, "image" in answered ? [answered.image.data.buffer as ArrayBuffer] : []);
  });
});
