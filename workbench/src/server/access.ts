// Who may ask. Pages of other sites can make a browser send requests to this machine, and other programs can send any: a request
// is answered if it names this server as its host, comes from this server's page or from no page, and has the token.

import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** The header that requests have which change something: pages of other sites cannot send it without asking first. */
export const OWN_HEADER = "x-sparsecell";

export const MOST_BODY = 1_000_000; // bytes

export interface Refusal {
  readonly status: 400 | 403 | 413 | 415;
  readonly message: string;
}

export interface Asked {
  readonly method: string;
  /** As it was sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Keys {
  readonly token: string;
  /** Tokens that open the page once: other users of a machine can see the address with which a browser is started. */
  readonly once: Set<string>;
  /** Names with their port under which this server is reached. */
  readonly hosts: ReadonlySet<string>;
  /** Of the cookie that holds the token. */
  readonly cookie: string;
}

/** Null when the request may be answered. */
export function refusalOf(asked: Asked, keys: Keys): Refusal | null {
  return foreign(asked, keys) ?? withoutToken(asked, keys) ?? unfit(asked);
}

function foreign({ url, headers }: Asked, { hosts }: Keys): Refusal | null {
  const forbidden = (message: string): Refusal => ({ status: 403, message });
  if (!url.startsWith("/") || url.startsWith("//")) return { status: 400, message: "expected a path that begins with one /" };
  if (!hosts.has(headers.host?.toLowerCase() ?? ""))
    return forbidden("this host name is not this server's; use the address that open printed");
  const { origin } = headers;
  if (origin !== undefined && ![...hosts].some((host) => origin.toLowerCase() === `http://${host}`))
    return forbidden("requests from other sites are refused");
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return forbidden("requests from other sites are refused");
  return null;
}

function withoutToken({ url, headers }: Asked, keys: Keys): Refusal | null {
  if (tokensOf(url, headers, keys.cookie).some((given) => isSame(given, keys.token))) return null;
  const first = tokenIn(url);
  if (first !== undefined && [...keys.once].some((once) => isSame(first, once))) return null;
  return { status: 403, message: "the token is missing or wrong; use the address that open printed" };
}

/** From the header, from the cookie, and on the first page from the address. */
function tokensOf(url: string, { authorization, cookie }: IncomingHttpHeaders, name: string): string[] {
  const bearer = /^Bearer ([\w-]+)$/.exec(authorization ?? "")?.[1];
  const kept = (cookie ?? "")
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1));
  return [bearer, tokenIn(url), ...kept].filter((token) => token !== undefined);
}

/** Only "/?token=TOKEN" gives it, so that it is in no other address. */
export const tokenIn = (url: string): string | undefined => /^\/\?token=([\w-]+)$/.exec(url)?.[1];

/** Takes as long for any token of the right length. */
function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What changes something has the header of this page, JSON, and not too much of it. */
function unfit({ method, headers }: Asked): Refusal | null {
  if (Number(headers["content-length"] ?? 0) > MOST_BODY) return tooLarge;
  if (method === "GET" || method === "HEAD") return null;
  if (headers[OWN_HEADER] !== "1") return { status: 403, message: `the header ${OWN_HEADER}: 1 is missing` };
  if (!/^application\/json(;|$)/i.test(headers["content-type"] ?? ""))
    return { status: 415, message: "expected content-type: application/json" };
  return null;
}

export const tooLarge: Refusal = { status: 413, message: `the body has more than ${MOST_BODY} bytes` };
