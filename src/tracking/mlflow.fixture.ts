// For tests: a server that answers as MLflow does, as far as a tracker asks it, or is at fault in one way.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Metric {
  readonly key: string;
  readonly value: number;
  readonly step: number;
}

/** silent: it takes requests and never answers. */
export type Fault = "silent" | "error" | "not JSON" | "other JSON";

export class FakeMlflow {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  fault: Fault | null = null;
  readonly experiments: string[] = [];
  /** Of the one run; appended, as MLflow does. */
  readonly metrics: Metric[] = [];
  readonly params = new Map<string, string>();
  readonly statuses: string[] = [];
  readonly authorizations = new Set<string | undefined>();
  runs = 0;

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of request) body += part;
    this.authorizations.add(request.headers.authorization);
    if (this.fault === "silent") return;
    if (this.fault === "error") return void response.writeHead(500).end("{}");
    if (this.fault === "not JSON") return void response.end("<html>");
    if (this.fault === "other JSON") return void response.end("[]");
    const path = (request.url as string).replace("/api/2.0/mlflow/", "");
    const [status, answer] = this.#reply(path, body === "" ? {} : JSON.parse(body));
    response.writeHead(status).end(JSON.stringify(answer));
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  #reply(path: string, body: any): [number, object] {
    if (path.startsWith("experiments/get-by-name"))
      return this.experiments.length > 0
        ? [200, { experiment: { experiment_id: "1" } }]
        : [404, { error_code: "RESOURCE_DOES_NOT_EXIST" }];
    if (path === "experiments/create") {
      this.experiments.push(body.name);
      return [200, { experiment_id: "1" }];
    }
    if (path === "runs/create") {
      this.runs++;
      return [200, { run: { info: { run_id: "r1" } } }];
    }
    if (path === "runs/get?run_id=r1") {
      const last = new Map(this.metrics.map((metric) => [metric.key, metric]));
      return [200, { run: { data: { metrics: [...last.values()] } } }];
    }
    if (path === "runs/update") this.statuses.push(body.status);
    if (path === "runs/log-batch") {
      if ((body.metrics ?? []).length > 1000 || (body.params ?? []).length > 100) return [400, {}];
      this.metrics.push(...(body.metrics ?? []));
      for (const { key, value } of body.params ?? []) this.params.set(key, value);
    }
    return [200, {}];
  }
}
