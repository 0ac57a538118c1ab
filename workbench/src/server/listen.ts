// The server itself: it listens on this machine alone unless it is told otherwise, waits for no slow client, and turns away who may
// not ask before anything else looks at a request.

import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { reason, UserError } from "../sparsecell.ts";
import { type Keys, refusalOf, tokenIn } from "./access.ts";
import { headersFor } from "./headers.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly scriptHashes: readonly string[];
  /** ms until a request's headers and its whole must be there; else 408. */
  readonly headersTimeout?: number;
  readonly requestTimeout?: number;
}

export interface Listening {
  /** With the token. */
  readonly address: string;
  /** Another address that opens the page once. */
  addressOnce(): string;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 200;

export async function listen(app: Hono, options: ListenOptions): Promise<Listening> {
  const token = newToken();
  const once = new Set<string>();
  const common = headersFor(options.scriptHashes);
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  let keys: Keys | null = null;
  const { headersTimeout = 5000, requestTimeout = 15_000 } = options;
  const timeouts = { headersTimeout, requestTimeout, connectionsCheckingInterval: Math.min(1000, headersTimeout) };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(common)) response.setHeader(name, value);
    const { method = "", url = "", headers } = request;
    const refusal = keys && refusalOf({ method, url, headers }, keys);
    if (keys === null) response.destroy();
    else if (refusal !== null) refuse(request, response, refusal);
    else if (tokenIn(url) !== undefined) {
      once.delete(tokenIn(url) ?? "");
      welcome(response, keys);
    } else {
      if (headers.expect === "100-continue") response.writeContinue();
      answer(request, response);
    }
  };
  const server = createServer({ ...timeouts, keepAliveTimeout: 10_000 }, onRequest);
  for (const event of ["checkContinue", "checkExpectation"]) server.on(event, onRequest); // they are asked like the others
  server.maxConnections = MOST_CONNECTIONS;
  await listening(server, options);
  const { port } = server.address() as AddressInfo;
  keys = { token, once, hosts: hostsOf(options.host, port), cookie: `sparsecell-${port}` };
  const addressWith = (given: string): string => `http://${shownHost(options.host)}:${port}/?token=${given}`;
  return {
    address: addressWith(token),
    addressOnce() {
      const given = newToken();
      once.add(given);
      return addressWith(given);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const newToken = (): string => randomBytes(24).toString("base64url");

/** The rest of a body is read and dropped, or the client would not read the answer. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, message }: { status: number; message: string },
): void {
  const wantsPage = request.method === "GET" && /\btext\/html\b/.test(request.headers.accept ?? "");
  const body = wantsPage
    ? `<!doctype html><html lang="en"><title>sparsecell</title><h1>sparsecell</h1><p>${message}.</p>`
    : JSON.stringify({ error: message });
  response.writeHead(status, {
    "content-type": wantsPage ? "text/html; charset=utf-8" : "application/json",
    "cache-control": "no-store",
    connection: "close",
  });
  response.end(request.method === "HEAD" ? undefined : body);
  request.resume();
}

/** Keeps the token in a cookie that no script reads, and goes to the page without it in the address. */
function welcome(response: ServerResponse, { cookie, token }: Keys): void {
  response.writeHead(302, {
    location: "/",
    "set-cookie": `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`,
    "cache-control": "no-store",
  });
  response.end();
}

function listening(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE" ? `port ${port} is in use; choose another --port, or leave it out` : null;
      reject(new UserError(taken ?? `cannot listen on ${host}: ${reason(error)}; choose another --host`));
    });
    server.listen(port, host, resolve);
  });
}

const shownHost = (host: string): string => {
  if (host === "0.0.0.0" || host === "::") return hostname();
  return host.includes(":") ? `[${host}]` : host;
};

/** On all interfaces: every address and the name of this machine. */
function hostsOf(host: string, port: number): Set<string> {
  const names = ["127.0.0.1", "localhost", "[::1]", shownHost(host)];
  if (host === "0.0.0.0" || host === "::")
    for (const { address } of Object.values(networkInterfaces()).flatMap((each) => each ?? [])) names.push(shownHost(address));
  return new Set(names.map((name) => `${name.toLowerCase()}:${port}`));
}
