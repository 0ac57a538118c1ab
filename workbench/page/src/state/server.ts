// Requests to the server.

import type { Action, ActionRecord, Problem } from "../../../src/api.ts";
import { Refused, type Server } from "../marks/outbox.ts";

const base = "/api/v1";

/** An answer of the server that is not what was asked for: a line for people. */
export class ServerError extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

async function answered(request: Promise<Response>): Promise<Response> {
  let response: Response;
  try {
    response = await request;
  } catch {
    throw new ServerError("the server does not answer; is the terminal that started it still open?", 0);
  }
  if (response.ok) return response;
  const problem: Problem | null = await response.json().catch(() => null);
  throw new ServerError(problem?.error ?? `the server answers ${response.status}`, response.status);
}

export const getJson = async <T>(path: string): Promise<T> => (await answered(fetch(base + path))).json();

export const getText = async (path: string): Promise<string> => (await answered(fetch(base + path))).text();

export const getBytes = async (path: string): Promise<ArrayBuffer> => (await answered(fetch(base + path))).arrayBuffer();

export async function post<T>(path: string, body: unknown): Promise<T> {
  const headers = { "content-type": "application/json", "x-sparsecell": "1" };
  return (await answered(fetch(base + path, { method: "POST", headers, body: JSON.stringify(body) }))).json();
}

/** Where the actions of a page go. */
export function actionsOf(client: string): Server {
  return {
    async send(actions: readonly Action[]): Promise<readonly ActionRecord[]> {
      try {
        return (await post<{ records: ActionRecord[] }>("/actions", { client, actions })).records;
      } catch (error) {
        if (error instanceof ServerError && [400, 409, 413, 422].includes(error.status)) throw new Refused(error.message);
        throw error;
      }
    },
    after: (number) => getJson<ActionRecord[]>(`/actions?after=${number}`),
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}
