// The tracker's thread: once a second each sink gets what is new in the run's logs. None waits for another.

import { parentPort, workerData } from "node:worker_threads";
import { Feed } from "./feed.ts";
import { Mlflow } from "./mlflow.ts";
import type { TrackerName } from "./names.ts";
import { drawn, type Look } from "./picture.ts";
import type { Ending, Sink } from "./sink.ts";
import { TensorBoard } from "./tensorboard.ts";
import type { Answer, Order, TrackerOptions } from "./tracker.ts";

const port = parentPort;
if (port === null) throw new Error("thread.ts runs in a thread of tracker.ts only");
const { dir, names, env } = workerData as TrackerOptions;

const INTERVAL = 1000; // milliseconds

const sinks: { readonly [name in TrackerName]: () => Sink } = {
  tensorboard: () => new TensorBoard(dir),
  mlflow: () => new Mlflow({ dir, env }),
};
const onNote = (note: string): void => port.postMessage({ note } satisfies Answer);
const feeds = names.map((name) => new Feed(sinks[name](), { dir, onNote }));

/** Looks that no feed with pictures has shown yet. */
const looks: Look[] = [];
let ending: Ending | null = null;
const wakers = new Set<() => void>();
port.on("message", (order: Order) => {
  if (!("look" in order)) ending = order.ending;
  else if (feeds.some(({ hasPictures }) => hasPictures)) looks.push(order.look);
  for (const wake of wakers) wake();
});

const pause = (): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => wake(), INTERVAL);
    const wake = (): void => {
      clearTimeout(timer);
      wakers.delete(wake);
      resolve();
    };
    wakers.add(wake);
  });

async function follow(feed: Feed): Promise<void> {
  for (;;) {
    await feed.turn(Date.now());
    if (feed.hasPictures) for (const look of looks.splice(0)) await show(feed, look);
    if (ending !== null) break;
    await pause();
  }
  await feed.close(ending);
}

async function show(feed: Feed, { step, score, pictures }: Look): Promise<void> {
  for (const [i, picture] of pictures.entries())
    await feed.picture(`held-out/window ${i + 1}`, step, await drawn(picture, score));
}

await Promise.all(feeds.map(follow));
port.close();
