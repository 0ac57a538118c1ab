// The addresses of the interface, version 1 (workbench/README.md). Who may ask is decided before (access.ts).

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ActionRecord, Project } from "../api.ts";
import type { OpenProject } from "../project/open-project.ts";
import { type Rounds, registerRounds } from "../rounds/routes.ts";
import { isObject, UserError } from "../sparsecell.ts";
import { addCommon, imageOf, jsonOf, pictureAnswer, unkept, wholeIn } from "./common.ts";
import { eventStream } from "./event-stream.ts";
import type { PageFiles } from "./page-files.ts";

const CLIENT = /^[\w.-]{1,64}$/;
const MOST_ACTIONS = 10_000;

export interface App {
  readonly app: Hono;
  readonly rounds: Rounds;
}

/** `training`: options of every training, for tests. */
export function workbenchApp(project: OpenProject, page: PageFiles, training: readonly string[] = []): App {
  const app = new Hono();
  const rounds = registerRounds(app, project, training);

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
    return unkept(context.json({ records: kept(project, body.client, body.actions) }));
  });
  app.get("/api/v1/images/:id/marks", (context) => unkept(context.json(project.marksOf(imageOf(context, project).id))));
  app.get("/api/v1/images/:id/thumbnail.jpg", async (context) => {
    const image = imageOf(context, project);
    return pictureAnswer(context, await project.thumbnail(image), image.mtimeMs);
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
  addCommon(app, page);
  return { app, rounds };
}

/** What the disk does not take is no fault of who asked. */
function kept(project: OpenProject, client: string, actions: readonly unknown[]): ActionRecord[] {
  try {
    return project.act(client, actions);
  } catch (error) {
    throw error instanceof UserError ? new HTTPException(507, { message: error.message }) : error;
  }
}
