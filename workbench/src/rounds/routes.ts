// The part of the interface about rounds, the queue and exports.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Project, Round, TrainRequest } from "../api.ts";
import type { OpenProject } from "../project/open-project.ts";
import { curvesOf, picturesIn } from "../runs/training.ts";
import { jsonOf, unkept, wholeIn } from "../server/common.ts";
import { isObject, shapes } from "../sparsecell.ts";
import { detectionBytes } from "./detections.ts";
import { type ExportRequest, exported, exportedFiles } from "./exports.ts";
import { roundPage } from "./page.ts";
import type { Questions } from "./questions.ts";
import type { RoundRecord } from "./round-folder.ts";
import { ProjectRounds, publicRound } from "./rounds.ts";

export interface Rounds {
  /** For GET /api/v1/project. */
  readonly rounds: () => readonly Round[];
  readonly suggested: () => Project["suggested"];
  /** Ends its processes; they can go on at the next opening. */
  readonly close: () => Promise<void>;
}

const { anyText, numberIn, objectOf, oneOf, optional, orNull } = shapes;
const requestShape = objectOf({
  budget: anyText,
  method: optional(anyText),
  from: optional(orNull(numberIn({ least: 1, whole: true }))),
  weights: optional(anyText),
});
const exportShape = objectOf({
  format: oneOf("qupath", "coco", "csv", "model"),
  what: oneOf("marks", "detections"),
  round: optional(numberIn({ least: 1, whole: true })),
  score: optional(numberIn({ least: 0, most: 1 })),
});

/** Adds the addresses of rounds to the app. `options`: of every training, for tests. */
export function registerRounds(app: Hono, project: OpenProject, options: readonly string[] = []): Rounds {
  const rounds = new ProjectRounds(project, options);
  const named = (context: Context): RoundRecord => {
    const number = context.req.param("round") ?? "";
    const record = /^\d{1,6}$/.test(number) ? rounds.get(Number(number)) : undefined;
    if (record === undefined) throw new HTTPException(404, { message: "no such round" });
    return record;
  };
  const json = (context: Context, value: object): Response => unkept(context.json(value));

  app.post("/api/v1/rounds", async (context) => {
    const body = await checked<TrainRequest>(context, requestShape);
    return json(context, publicRound(rounds.start(requestOf(body))));
  });
  for (const verb of ["stop", "pause", "resume"] as const)
    app.post(`/api/v1/rounds/:round/${verb}`, (context) => json(context, publicRound(rounds[verb](named(context).number))));
  app.get("/api/v1/rounds/:round", (context) => json(context, publicRound(named(context))));
  app.get("/api/v1/rounds/:round/curves", (context) => json(context, curvesOf(rounds.folder(named(context).number).run.dir)));
  app.get("/api/v1/rounds/:round/log", (context) => {
    const { log } = rounds.folder(named(context).number);
    return context.text(existsSync(log) ? readFileSync(log, "utf8") : "");
  });
  app.get("/api/v1/rounds/:round/pictures", (context) =>
    json(context, picturesIn(rounds.folder(named(context).number).pictures)),
  );
  app.get("/api/v1/rounds/:round/pictures/:file", (context) => {
    const { pictures } = rounds.folder(named(context).number);
    const picture = picturesIn(pictures).find(({ file }) => file === context.req.param("file"));
    if (picture === undefined) throw new HTTPException(404, { message: "no such picture" });
    context.header("content-type", "image/jpeg");
    return context.body(new Uint8Array(readFileSync(join(pictures, picture.file))));
  });
  app.get("/api/v1/rounds/:round/searched", (context) => json(context, rounds.searched(named(context).number)));
  app.get("/api/v1/rounds/:round/images/:id/detections.bin", (context) => {
    const { number, classes } = named(context);
    const places = classes.map(({ id }) => project.state.classes.findIndex((each) => each.id === id));
    const image = project.image(context.req.param("id"));
    const bytes = image && detectionBytes(rounds.folder(number).detections, image.id, places);
    if (!bytes) throw new HTTPException(404, { message: "the round has not searched this image" });
    context.header("content-type", "application/octet-stream");
    context.header("cache-control", "no-store");
    return context.body(bytes as Uint8Array<ArrayBuffer>);
  });
  app.get("/api/v1/rounds/:round/report", (context) => {
    const record = named(context);
    return context.html(roundPage(publicRound(record), rounds.questions(record).asked(0), rounds.folder(record.number)));
  });
  const questionsOf = (context: Context): Questions => {
    const record = rounds.get(wholeIn(context, "round", rounds.all.at(-1)?.number ?? 0));
    if (record === undefined) throw new HTTPException(404, { message: "no such round" });
    return rounds.questions(record);
  };
  const countIn = (context: Context, usual: number): number => Math.min(1000, wholeIn(context, "count", usual));
  app.get("/api/v1/queue", (context) => json(context, questionsOf(context).asked(countIn(context, 20))));
  app.get("/api/v1/sheet", (context) => json(context, questionsOf(context).sheet(countIn(context, 48))));
  app.post("/api/v1/exports", async (context) => {
    const body = await checked<ExportRequest & { readonly round?: number }>(context, exportShape);
    const record = body.round === undefined ? rounds.last : rounds.get(body.round);
    if (body.round !== undefined && record === undefined) throw new HTTPException(404, { message: "no such round" });
    const files = await exported(project, body, record ? { record, folder: rounds.folder(record.number) } : null);
    return json(context, { files });
  });
  app.get("/api/v1/exports/*", (context) => {
    const name = decoded(new URL(context.req.url).pathname.slice("/api/v1/exports/".length));
    if (!exportedFiles(project).includes(name)) throw new HTTPException(404, { message: "no such export" });
    context.header("content-type", "application/octet-stream");
    context.header("content-disposition", `attachment; filename*=UTF-8''${encodeURIComponent(name.split("/").at(-1) as string)}`);
    return context.body(new Uint8Array(readFileSync(join(project.folder, "exports", name))));
  });

  return {
    rounds: () => rounds.all.map(publicRound),
    suggested: () => ({ budget: "1m", weights: "auto" }),
    close: () => rounds.close(),
  };
}

const BUDGET = /^\d{1,5}(\.\d{1,3})?\s*(s|m|min|h)$/;
/** What may begin an option of the command is no value of one. */
const VALUE = /^[^-\s][^\0\r\n]{0,500}$/;

function requestOf({ budget, method, from, weights }: TrainRequest): TrainRequest {
  if (!BUDGET.test(budget) || Number.parseFloat(budget) === 0)
    throw new HTTPException(400, { message: "budget: expected a time such as 60s, 15m or 2h" });
  for (const [name, value] of Object.entries({ method, weights }))
    if (value !== undefined && !VALUE.test(value)) throw new HTTPException(400, { message: `${name}: expected a name` });
  return { budget, ...(method && { method }), ...(from !== undefined && { from }), ...(weights && { weights }) };
}

async function checked<T>(context: Context, shape: ReturnType<typeof objectOf>): Promise<T> {
  const body = await jsonOf(context);
  const fault = isObject(body) ? shape(body) : { path: [], message: "expected an object" };
  if (fault !== null) throw new HTTPException(400, { message: `${[...fault.path, fault.message].join(": ")}` });
  return body as T;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
