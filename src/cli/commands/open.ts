// `sparsecell open`: the workbench, a page on this machine. It is a package above this one, so it is imported when it runs.

import { spawn } from "node:child_process";
import { Command } from "commander";
import { whole } from "../options/values.ts";
import { trackStop } from "../terminal/stop-signal.ts";

const EXAMPLE = `
Mark some cells, press Train, look at what was found, answer whether it is a cell, train again, take the cells to QuPath. PATH is
a folder of images or slides, a slide, or a dataset. What is marked is kept in PATH/sparsecell (of a slide, in SLIDE.sparsecell
beside it); opening PATH again goes on from there. Of a run or an experiment's folder, the page shows curves, pictures, tables and
the report while it trains; nothing is written into it.

The first line on stdout is the address, with a token: whoever has it may use the page until the command ends. The page is served
to this machine alone. On a server, forward the port: ssh -L 8080:127.0.0.1:8080 SERVER. --host serves it to others on the
network, who need the token, too; it is not encrypted.

Example:
  $ npx sparsecell open slides/
  $ npx sparsecell open case1.svs --port 8080 --no-browser
  $ npx sparsecell open runs/cells`;

interface Options {
  readonly project?: string;
  readonly port: number;
  readonly host: string;
  readonly browser: boolean;
}

/** What this command needs of the workbench. */
interface Workbench {
  serve(options: { path: string; project?: string; port: number; host: string }): Promise<{
    readonly address: string;
    addressOnce(): string;
    readonly notes: readonly string[];
    close(): Promise<void>;
  }>;
}

export function openCommand(): Command {
  return new Command("open")
    .description("a page on this machine to mark cells, train, answer and export")
    .argument("<path>", "folder of images or slides, slide, or dataset; a run or an experiment to watch")
    .option("--project <dir>", "folder that keeps what is marked (default: sparsecell in PATH, or beside the slide)")
    .option("--port <number>", "port to listen on; 0 takes any free one", whole(0, 65_535), 0)
    .option("--host <name>", "address to listen on", "127.0.0.1")
    .option("--no-browser", "do not open a browser")
    .addHelpText("after", EXAMPLE)
    .action(open);
}

async function open(path: string, { project, port, host, browser }: Options): Promise<void> {
  const { serve } = (await import(new URL("../../../workbench/dist/index.js", import.meta.url).href)) as Workbench;
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const signal = trackStop(stop, "closing the page; repeat to stop at once");
  const served = await serve({ path, project, port, host });
  try {
    for (const note of served.notes) console.error(note);
    if (!isLocal(host)) console.error(`serving on ${host}, not encrypted: whoever has the address may use it`);
    console.log(served.address);
    if (browser) openBrowser(served.addressOnce());
    await stopped;
  } finally {
    await served.close();
    signal.release();
  }
}

const isLocal = (host: string): boolean => /^(127\.|localhost$|::1$)/.test(host);

/** Where there is a display; a failure is silent, because the address is on the terminal. */
function openBrowser(address: string): void {
  const { platform, env } = process;
  if (platform === "linux" && !env.DISPLAY && !env.WAYLAND_DISPLAY) return;
  const [command, ...args] =
    platform === "darwin" ? ["open"] : platform === "win32" ? ["cmd", "/c", "start", '""'] : ["xdg-open"];
  spawn(command, [...args, address], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}
