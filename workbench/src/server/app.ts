// The addresses of the interface, version 1 (workbench/README.md). Who may ask is decided before (access.ts).

import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Project } from "../api.ts";
import type { Picture } from "../images/pictures.ts";
import { type OpenProject, RefusedAction } from "../project/open-project.ts";
import { type Rounds, registerRounds } from "../rounds/routes.ts";
import { isObject, printable, reason, UserError } from "../sparsecell.ts";
import { MOST_BODY, tooLarge } from "./access.ts";
import { eventStream } from "./event-stream.ts";
import type { PageFiles } from "./page-files.ts";

const CLIENT = /^[\w.-]{1,64}$/;
const MOST_ACTIONS = 10_000;

export interface App {
  readonly app: Hono;
  readonly rounds: Rounds;
}

export function workbenchApp(project: OpenProject, page: PageFiles): App {
  const app = new Hono();
  app.onError((error, context) => {
    const [status, message] = answerTo(error);
    if (status === 500) process.stderr.write(`${printable(`unexpected: ${error.stack ?? error}`)}\n`);
    return context.json({ error: message }, status as 500);
  });
  app.notFound((context) => context.json({ error: "no such address; workbench/README.md lists them" }, 404));
  const rounds = registerRounds(app, project);

  app.get("/api/v1/project", (context) => {
    const facts: Project = { ...project.facts(), rounds: rounds.rounds(), suggested: rounds.suggested() };
    return unkept(context.json(facts));
  });
  app.get("/api/v1/actions", (context) => unkept(context.json(project.actionsAfter(wholeIn(context, "after", 0)))));
  app.post("/api/v1/actions", async (context) => {
    const body = await jsonOf(context);
    if (!isObject(body) || typeof body.client !== "string" || !CLIENT.test(body.client))
      throw new HTTPException(400, { message: "client: expected 1 to 64 letters, digits or - _ ." });
    if (!Array.isArray(body.actions) || body.actions.length === 0 || body.actions.length > MOST_ACTIONS)
      throw new HTTPException(400, { message: `actions: expected a list of 1 to ${MOST_ACTIONS}` });
    return unkept(context.json({ records: project.act(body.client, body.actions) }));
  });
  app.get("/api/v1/images/:id/marks", (context) => unkept(context.json(project.marksOf(imageOf(context, project).id))));
  app.get("/api/v1/images/:id/thumbnail.jpg", async (context) => {
    const image = imageOf(context, project);
    return pictureAnswer(context, await project.pictures.thumbnail(image), image.mtimeMs);
  });
  app.get("/api/v1/images/:id/tiles/:level/:x/:file", async (context) => {
    const image = imageOf(context, project);
    const [level, x, y] = [
      context.req.param("level"),
      context.req.param("x"),
      /^(\d+)\.jpg$/.exec(context.req.param("file"))?.[1],
    ];
    if (![level, x, y].every((part) => /^\d{1,9}$/.test(part ?? ""))) throw new HTTPException(404, { message: "no such tile" });
    const picture = await project.pictures.tile(image, Number(level), Number(x), Number(y));
    if (picture === null) throw new HTTPException(404, { message: "no such tile" });
    return pictureAnswer(context, picture, image.mtimeMs);
  });
  app.get("/api/v1/events", (context) => eventStream(context, project.events));
  app.get("*", (context, next) => {
    const file = page.file(new URL(context.req.url).pathname);
    if (file === undefined) return next();
    const zipped = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "");
    context.header("content-type", file.type);
    context.header("cache-control", "no-cache");
    context.header("vary", "accept-encoding");
    if (zipped) context.header("content-encoding", "gzip");
    return Promise.resolve(context.body(new Uint8Array(zipped ? file.gzipped : file.bytes)));
  });
  return { app, rounds };
}

function answerTo(error: unknown): readonly [number, string] {
  if (error instanceof HTTPException) return [error.status, printable(error.message)];
  if (error instanceof RefusedAction) return [400, printable(error.message)];
  if (error instanceof UserError) return [error.message.includes("cannot be written") ? 507 : 400, error.message];
  return [500, `unexpected: ${printable(reason(error))}`];
}

const unkept = (response: Response): Response => {
  response.headers.set("cache-control", "no-store");
  return response;
};

/** The body as JSON, of at most MOST_BODY bytes however it is sent. */
export async function jsonOf(context: Context): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (context.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
      if ((size += chunk.length) > MOST_BODY) throw new HTTPException(413, { message: tooLarge.message });
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof HTTPException ? error : new HTTPException(408, { message: "the body ended too early" });
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new HTTPException(400, { message: "the body is not JSON" });
  }
}

/** A whole number of the query. */
export function wholeIn(context: Context, name: string, otherwise: number): number {
  const text = context.req.query(name);
  if (text === undefined) return otherwise;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new HTTPException(400, { message: `${name}: expected a whole number` });
}

/** The image that the address names. */
export function imageOf(context: Context, project: OpenProject) {
  const image = project.image(context.req.param("id") ?? "");
  if (image === undefined) throw new HTTPException(404, { message: "no such image" });
  return image;
}

function pictureAnswer(context: Context, { type, bytes, problem }: Picture, mtimeMs: number): Response {
  context.header("content-type", type);
  if (problem === undefined) {
    const tag = `"${mtimeMs}"`;
    context.header("cache-control", "private, max-age=300");
    context.header("etag", tag);
    if (context.req.header("if-none-match") === tag) return context.body(null, 304);
  } else {
    context.header("cache-control", "no-store");
    context.header("x-sparsecell-problem", encodeURIComponent(problem).slice(0, 1000));
  }
  return context.body(new Uint8Array(bytes));
}
