// What the command `open` starts.

import type { Hono } from "hono";
import { openProject } from "./project/open-project.ts";
import { watchApp } from "./runs/app.ts";
import { Watched, watchedKind } from "./runs/watched.ts";
import { workbenchApp } from "./server/app.ts";
import { listen } from "./server/listen.ts";
import { PageFiles } from "./server/page-files.ts";

export interface ServeOptions {
  readonly path: string;
  /** The project's folder, if not the usual one. */
  readonly project?: string;
  /** Default: this machine alone. */
  readonly host?: string;
  /** Default: any free one. */
  readonly port?: number;
  /** ms that a client has for its headers, and for a whole request. */
  readonly headersTimeout?: number;
  readonly requestTimeout?: number;
}

export interface Served {
  /** With the token. */
  readonly address: string;
  /** Another address that opens the page once. */
  addressOnce(): string;
  /** Lines for people: what has changed since the last time. */
  readonly notes: readonly string[];
  /** Ends everything, trainings too. */
  close(): Promise<void>;
}

/**
 * Opens the project of a path and serves its page; of a run or a grid, a page that shows how it goes. Throws a UserError when there
 * is nothing to open.
 */
export async function serve({ path, project, ...rest }: ServeOptions): Promise<Served> {
  const kind = watchedKind(path);
  if (kind === null) return serveProject(path, project, rest);
  const page = new PageFiles("watch.html");
  const watched = new Watched(kind, path);
  return served({ app: watchApp(watched, page), page, notes: [], close: () => watched.close() }, rest);
}

async function serveProject(path: string, folder: string | undefined, options: Listen): Promise<Served> {
  const page = new PageFiles("index.html");
  const project = await openProject({ path, folder });
  const { app, rounds } = workbenchApp(project, page);
  const close = async (): Promise<void> => {
    await rounds.close();
    project.close();
    await project.checkImages(); // nothing is written any more
  };
  const opened = await served({ app, page, notes: project.changes, close }, options);
  void project.checkImages();
  return opened;
}

type Listen = Omit<ServeOptions, "path" | "project">;

interface Opened {
  readonly app: Hono;
  readonly page: PageFiles;
  readonly notes: readonly string[];
  close(): Promise<void>;
}

async function served(
  { app, page, notes, close }: Opened,
  { host = "127.0.0.1", port = 0, ...timeouts }: Listen,
): Promise<Served> {
  try {
    const listening = await listen(app, { host, port, ...timeouts, scriptHashes: page.scriptHashes });
    const { address, addressOnce } = listening;
    return { address, addressOnce, notes, close: () => listening.close().then(close) };
  } catch (error) {
    await close();
    throw error;
  }
}
