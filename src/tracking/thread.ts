// The tracker's thread: once a second it takes what is new in the run's logs.

import { parentPort, workerData } from "node:worker_threads";
import { Feed } from "./feed.ts";
import { Mlflow } from "./mlflow.ts";
import { drawn, type Look } from "./picture.ts";
import type { Ending, Sink } from "./sink.ts";
import { TensorBoard } from "./tensorboard.ts";
import type { Answer, Order, TrackerName, TrackerOptions } from "./tracker.ts";

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

const looks: Look[] = [];
let ending: Ending | null = null;
let wake = (): void => {};
port.on("message", (order: Order) => {
  if ("look" in order) looks.push(order.look);
  else ending = order.ending;
  wake();
});

const pause = (): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, INTERVAL);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });

async function show({ step, score, pictures }: Look): Promise<void> {
  for (const [i, picture] of pictures.entries()) {
    const png = await drawn(picture, score);
    for (const feed of feeds) await feed.picture(`held-out/window ${i + 1}`, step, png);
  }
}

while (ending === null) {
  await Promise.all(feeds.map((feed) => feed.turn(Date.now())));
  for (const look of looks.splice(0)) await show(look);
  if (ending === null) await pause();
}
for (const look of looks.splice(0)) await show(look);
await Promise.all(feeds.map((feed) => feed.close(ending as Ending)));
port.close();
