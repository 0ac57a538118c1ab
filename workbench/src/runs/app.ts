// The addresses of a run or a grid that is watched.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { addCommon, unkept } from "../server/common.ts";
import { eventStream } from "../server/event-stream.ts";
import { reportHeaders } from "../server/headers.ts";
import type { PageFiles } from "../server/page-files.ts";
import { picturesIn } from "./training.ts";
import type { Watched } from "./watched.ts";

export function watchApp(watched: Watched, page: PageFiles): Hono {
  const app = new Hono();
  app.get("/api/v1/watch", (context) => unkept(context.json(watched.watch())));
  app.get("/api/v1/watch/trainings/:id/curves", (context) => {
    const curves = watched.curves(context.req.param("id"));
    if (curves === null) throw new HTTPException(404, { message: "no such training" });
    return unkept(context.json(curves));
  });
  app.get("/api/v1/watch/trainings/:id/pictures", (context) => unkept(context.json(picturesIn(folderOf(context)))));
  app.get("/api/v1/watch/trainings/:id/pictures/:file", (context) => {
    const folder = folderOf(context);
    const picture = picturesIn(folder).find(({ file }) => file === context.req.param("file"));
    if (picture === undefined) throw new HTTPException(404, { message: "no such picture" });
    context.header("content-type", "image/jpeg");
    return context.body(new Uint8Array(readFileSync(join(folder, picture.file))));
  });
  app.get("/api/v1/watch/report", (context) => {
    const report = watched.report();
    if (report === null) throw new HTTPException(404, { message: "no training has finished yet, so that there is no report" });
    return context.body(new Uint8Array(report), 200, { ...reportHeaders, "content-type": "text/html; charset=utf-8" });
  });
  app.get("/api/v1/events", (context) => eventStream(context, watched.events));
  addCommon(app, page);
  return app;

  function folderOf(context: Context): string {
    const folder = watched.pictures(context.req.param("id") ?? "");
    if (folder === null) throw new HTTPException(404, { message: "no such training" });
    return folder;
  }
}
