// What the command `open` starts.

import { openProject } from "./project/open-project.ts";
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
  /** Lines for people: what has changed since the last time. */
  readonly notes: readonly string[];
  /** Ends everything, trainings too. */
  close(): Promise<void>;
}

/** Opens the project of a path and serves its page. Throws a UserError when there is nothing to open. */
export async function serve({ path, project: folder, host = "127.0.0.1", port = 0, ...timeouts }: ServeOptions): Promise<Served> {
  const page = new PageFiles();
  const project = await openProject({ path, folder });
  try {
    const { app, rounds } = workbenchApp(project, page);
    const listening = await listen(app, { host, port, ...timeouts, scriptHashes: page.scriptHashes });
    return {
      address: listening.address,
      notes: project.changes,
      async close() {
        await listening.close();
        await rounds.close();
        project.close();
      },
    };
  } catch (error) {
    project.close();
    throw error;
  }
}
