// What every app of this server has: errors as one line, the files of the page, and how requests are read.

import type { Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Picture } from "../images/pictures.ts";
import { type OpenProject, RefusedAction } from "../project/open-project.ts";
import { printable, reason, UserError } from "../sparsecell.ts";
import { MOST_BODY, tooLarge } from "./access.ts";
import type { PageFiles } from "./page-files.ts";

/** Added last: whatever has no other address is a file of the page, or is not there. */
export function addCommon(app: Hono, page: PageFiles): void {
  app.onError((error, context) => {
    const [status, message] = answerTo(error);
    if (status === 500) process.stderr.write(`${printable(`unexpected: ${error.stack ?? error}`)}\n`);
    return context.json({ error: message }, status as 500);
  });
  app.notFound((context) => context.json({ error: "no such address; workbench/README.md lists them" }, 404));
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
}

function answerTo(error: unknown): readonly [number, string] {
  if (error instanceof HTTPException) return [error.status, printable(error.message)];
  if (error instanceof RefusedAction) return [400, printable(error.message)];
  if (error instanceof UserError) return [400, error.message];
  return [500, `unexpected: ${printable(reason(error))}`];
}

/** The answer is another one next time. */
export const unkept = (response: Response): Response => {
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

/** A picture that the browser may keep while the image's file is the same; one that says what is wrong is asked for again. */
export function pictureAnswer(context: Context, { type, bytes, problem }: Picture, mtimeMs: number): Response {
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
