// Small projects that are served to a test, and what asks them.

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import sharp from "sharp";
import type { ActionRecord, Project } from "./api.ts";
import { type Served, type ServeOptions, serve } from "./index.ts";

/** An empty folder that the test's end removes. */
export function emptyFolder(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sparsecell-workbench-")));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An image whose pixels tell their place. */
export async function writeImage(file: string, { width = 300, height = 200, red = 0 } = {}): Promise<string> {
  const data = Buffer.alloc(3 * width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i += 3) data.set([red || x % 256, y % 256, (x + y) % 256], i);
  mkdirSync(join(file, ".."), { recursive: true });
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(file);
  return file;
}

/** A folder of two images. */
export async function imageFolder(t: TestContext): Promise<string> {
  const folder = join(emptyFolder(t), "images");
  await writeImage(join(folder, "a.png"));
  await writeImage(join(folder, "inner/b.png"), { width: 600, height: 520 });
  return folder;
}

export interface Client {
  readonly served: Served;
  /** http://127.0.0.1:PORT */
  readonly root: string;
  readonly token: string;
  readonly port: number;
  get(address: string, headers?: Record<string, string>): Promise<Response>;
  post(address: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  project(): Promise<Project>;
  /** Throws the server's line when the actions are refused. */
  act(...actions: readonly unknown[]): Promise<ActionRecord[]>;
}

/** On a busy machine a test's own request may come late. */
export const patient = { headersTimeout: 60_000, requestTimeout: 120_000 };

export async function served(t: TestContext, options: ServeOptions): Promise<Client> {
  const server = await serve({ ...patient, ...options });
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) await server.close();
    closed = true;
  };
  t.after(close);
  return clientOf({ ...server, close });
}

export function clientOf(served: Served): Client {
  const { origin: root, port, searchParams } = new URL(served.address);
  const token = searchParams.get("token") ?? "";
  const authorization = `Bearer ${token}`;
  const connection = "close"; // the server ends one that is kept, and a busy machine may ask just then
  const client: Client = {
    served,
    root,
    token,
    port: Number(port),
    get: (address, headers = {}) =>
      fetch(root + address, { headers: { authorization, connection, ...headers }, redirect: "manual" }),
    post: (address, body, headers = {}) =>
      fetch(root + address, {
        method: "POST",
        headers: { authorization, connection, "content-type": "application/json", "x-sparsecell": "1", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    project: async () => (await client.get("/api/v1/project")).json() as Promise<Project>,
    async act(...actions) {
      const response = await client.post("/api/v1/actions", { client: "test", actions });
      const answer = (await response.json()) as { records?: ActionRecord[]; error?: string };
      if (answer.records === undefined) throw new Error(answer.error);
      return answer.records;
    },
  };
  return client;
}

/** What the server answers to bytes, until it closes the connection. */
export function bytesTo(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.setEncoding("latin1").on("data", (text) => {
      answer += text;
    });
    socket.on("error", () => {}); // its end follows
    socket.on("close", () => resolve(answer));
  });
}

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
