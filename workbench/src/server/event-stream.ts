// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) of a project to one page.

import type { Context } from "hono";
import type { Announcer } from "../project/announcer.ts";

const BEAT = 15_000; // ms: comments that show both sides that the other is there
const MOST_WAITING = 1000; // events that a page has not taken

/** Ends when the page goes, or takes nothing for long: it then reads the project again. */
export function eventStream(context: Context, events: Announcer): Response {
  let end = (): void => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string): void => {
          if ((controller.desiredSize ?? 0) < -MOST_WAITING) finish();
          else controller.enqueue(Buffer.from(text));
        };
        const stop = events.listen((name, data) => write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
        const beat = setInterval(() => write(": here\n\n"), BEAT).unref();
        const finish = (): void => {
          end();
          try {
            controller.close();
          } catch {} // the page closed it
        };
        end = () => {
          stop();
          clearInterval(beat);
        };
        write("retry: 1000\n\n");
      },
      cancel: () => end(),
    },
    new CountQueuingStrategy({ highWaterMark: 1 }),
  );
  return context.body(body, 200, { "content-type": "text/event-stream", "cache-control": "no-store" });
}
