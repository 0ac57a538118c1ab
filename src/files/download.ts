// A file from the network, into memory: the caller checks it before anything is written. Redirects are followed, proxies are
// those of HTTPS_PROXY, HTTP_PROXY and NO_PROXY. A server that does not answer or does not go on is given up, without another try.

import { reason, UserError } from "../errors.ts";

export interface DownloadOptions {
  /** Seconds to wait for the answer, and then for every further 64 KiB. */
  readonly patience: number;
  /** Ends the download early. */
  readonly signal?: AbortSignal;
  /** `total` is null where the server does not say it. */
  readonly onProgress?: (bytes: number, total: number | null) => void;
}

const STEP = 64 * 1024; // bytes: a server that sends less than this within the patience has stalled
const LARGEST = 1024 ** 3; // bytes: far above any weight file, below what Node's buffers hold

/** The bytes at `address`. Throws a UserError that names the address when they cannot be had as a whole. */
export async function download(address: string, { patience, signal, onProgress }: DownloadOptions): Promise<Buffer> {
  const fault = (what: string) => new UserError(`${address}: ${what}`);
  if (isOffline()) throw fault("not fetched, because SPARSECELL_OFFLINE is set");
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  const connecting = { timeout: 1000 * patience }; // or the process would wait for longer before it ends
  const proxies = proxyFrom(() => new EnvHttpProxyAgent({ connect: connecting, proxyTls: connecting, requestTls: connecting }));
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), 1000 * patience);
  let received = -1; // no answer yet
  try {
    const response = await fetch(address, {
      dispatcher: proxies,
      headers: { "accept-encoding": "identity" }, // so that content-length counts what arrives
      signal: AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]),
    });
    timer.refresh();
    received = 0;
    if (response.status !== 200 || !response.body)
      throw fault(`the server answered ${response.status} ${response.statusText}`.trim());
    if (address.startsWith("https:") && !response.url.startsWith("https:"))
      throw fault(`redirects to ${response.url}, which is not encrypted`);
    if (response.headers.get("content-type")?.startsWith("text/html"))
      throw fault("the answer is a web page, not a file; a proxy or a login page may be in between");
    const total = Number(response.headers.get("content-length")) || null;
    const chunks: Uint8Array[] = [];
    let awaited = STEP;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      received += chunk.length;
      if (received > LARGEST) throw fault("has more than 1 GiB, so it is not a weight file");
      if (received >= awaited) {
        timer.refresh();
        awaited = received + STEP;
      }
      onProgress?.(received, total);
    }
    return Buffer.concat(chunks, received);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (signal?.aborted) throw fault("the download was stopped");
    if (stalled.signal.aborted)
      throw fault(
        received < 0 ? `no answer within ${patience} s` : `the download stalled for ${patience} s after ${received} bytes`,
      );
    throw fault(received < 0 ? networkReason(error, patience) : `the download was cut off after ${received} bytes`);
  } finally {
    clearTimeout(timer);
    await proxies.destroy();
  }
}

/** Whether the user wants nothing to be fetched. */
const isOffline = (): boolean => !["", "0", undefined].includes(process.env.SPARSECELL_OFFLINE);

function proxyFrom<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new UserError(`HTTPS_PROXY or HTTP_PROXY: not the address of a proxy: ${reason(error)}`);
  }
}

const REASONS: { readonly [code: string]: string | undefined } = {
  ENOTFOUND: "the name of the host is unknown; is this machine online?",
  EAI_AGAIN: "the name of the host cannot be looked up; is this machine online?",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was closed",
  UND_ERR_SOCKET: "the connection was closed",
  ENETUNREACH: "the network cannot be reached",
  EHOSTUNREACH: "the host cannot be reached",
};

/** `fetch` wraps the system's reason in others, and a refused pair of addresses (IPv4 and IPv6) has a code but no message. */
function networkReason(error: unknown, patience: number): string {
  let inner = error as NodeJS.ErrnoException;
  while (inner.cause instanceof Error) inner = inner.cause;
  if (inner.code === "UND_ERR_CONNECT_TIMEOUT") return `no answer within ${patience} s`;
  return REASONS[inner.code ?? ""] ?? (reason(inner) || inner.code || "the network failed");
}
