// A run's curves for MLflow, by its REST interface. Every request has a time limit, so that a server that hangs is one that fails.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import type { Point } from "./points.ts";
import type { Ending, Sink } from "./sink.ts";

export interface MlflowOptions {
  /** The run's folder. */
  readonly dir: string;
  /** MLFLOW_TRACKING_URI, _TOKEN, _USERNAME, _PASSWORD; MLFLOW_EXPERIMENT_NAME, by default sparsecell. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that a request may take. */
  readonly patience?: number;
}

const MOST_METRICS = 1000; // of a request, by MLflow's limits, as are the following
const MOST_PARAMS = 100;
const LONGEST_PARAM = 500;

const endings: Readonly<Record<Ending, string>> = { finished: "FINISHED", stopped: "KILLED", failed: "FAILED" };

export class Mlflow implements Sink {
  readonly name = "MLflow";
  readonly #options: Required<MlflowOptions>;
  #runId = "";

  constructor(options: MlflowOptions) {
    this.#options = { patience: 2000, ...options };
  }

  /** Finds the run that this folder has there, or makes one. */
  async open(): Promise<ReadonlyMap<string, number>> {
    const { dir } = this.#options;
    const known = knownRun(dir);
    if (known === null) {
      const run = field(await this.#post("runs/create", await this.#newRun()), "run");
      this.#runId = text(field(run, "info"), "run_id");
      writeFileAtomic(runFile(dir), `${JSON.stringify({ runId: this.#runId })}\n`);
      await this.#sendSettings();
      return new Map();
    }
    this.#runId = known;
    const data = field(field(await this.#get(`runs/get?run_id=${encodeURIComponent(known)}`), "run"), "data");
    const metrics = (data.metrics ?? []) as { readonly key: string; readonly step: number | string }[];
    await this.#post("runs/update", { run_id: known, status: "RUNNING" });
    return new Map(metrics.map(({ key, step }) => [key, Number(step)]));
  }

  async points(points: readonly Point[]): Promise<void> {
    const timestamp = Date.now();
    for (let at = 0; at < points.length; at += MOST_METRICS) {
      const metrics = points.slice(at, at + MOST_METRICS).map(({ tag, value, step }) => ({ key: tag, value, timestamp, step }));
      await this.#post("runs/log-batch", { run_id: this.#runId, metrics });
    }
  }

  async close(ending: Ending): Promise<void> {
    await this.#post("runs/update", { run_id: this.#runId, status: endings[ending], end_time: Date.now() });
  }

  async #newRun(): Promise<object> {
    const name = this.#options.env.MLFLOW_EXPERIMENT_NAME || "sparsecell";
    return { experiment_id: await this.#experiment(name), run_name: basename(this.#options.dir), start_time: Date.now() };
  }

  async #experiment(name: string): Promise<string> {
    const found = await this.#get(`experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`, { mayLack: true });
    if (found) return text(field(found, "experiment"), "experiment_id");
    return text(await this.#post("experiments/create", { name }), "experiment_id");
  }

  async #sendSettings(): Promise<void> {
    const { config } = JSON.parse(readFileSync(`${this.#options.dir}/config.json`, "utf8"));
    const params = flat(config).map(([key, value]) => ({ key, value: value.slice(0, LONGEST_PARAM) }));
    for (let at = 0; at < params.length; at += MOST_PARAMS)
      await this.#post("runs/log-batch", { run_id: this.#runId, params: params.slice(at, at + MOST_PARAMS) });
  }

  async #get(path: string): Promise<Json>;
  async #get(path: string, options: { readonly mayLack: true }): Promise<Json | null>;
  async #get(path: string, { mayLack = false } = {}): Promise<Json | null> {
    return this.#ask(path, {}, mayLack);
  }

  async #post(path: string, body: object): Promise<Json> {
    const headers = { "content-type": "application/json" };
    return (await this.#ask(path, { method: "POST", body: JSON.stringify(body), headers }, false)) as Json;
  }

  async #ask(path: string, request: RequestInit, mayLack: boolean): Promise<Json | null> {
    const { env, patience } = this.#options;
    const address = `${addressOf(env)}/api/2.0/mlflow/${path}`;
    const headers = { ...request.headers, ...authorization(env) };
    const { response, answer } = await ask(address, { ...request, headers, signal: AbortSignal.timeout(patience) }).catch(
      (error) => {
        throw new Error(
          error.name === "TimeoutError"
            ? `no answer in ${patience / 1000} s`
            : (error.cause?.code ?? error.cause?.message ?? error.message),
        );
      },
    );
    if (mayLack && response.status === 404) return null;
    if (!response.ok) throw new Error(`it answered ${response.status} to ${path.split("?")[0]}`);
    try {
      return JSON.parse(answer);
    } catch {
      throw new Error(`its answer to ${path.split("?")[0]} is not JSON`);
    }
  }
}

async function ask(address: string, request: RequestInit): Promise<{ response: Response; answer: string }> {
  const response = await fetch(address, request);
  return { response, answer: await response.text() };
}

type Json = Readonly<Record<string, unknown>>;

function field(value: Json, name: string): Json {
  const found = value[name];
  if (typeof found !== "object" || found === null) throw new Error(`its answer has no ${name}`);
  return found as Json;
}

function text(value: Json, name: string): string {
  const found = value[name];
  if (typeof found !== "string") throw new Error(`its answer has no ${name}`);
  return found;
}

/** Throws a UserError where it is missing or no address. */
export function addressOf({ MLFLOW_TRACKING_URI: uri }: MlflowOptions["env"]): string {
  if (!uri) throw new UserError("MLFLOW_TRACKING_URI is not set; set it to the address of the MLflow server");
  if (!/^https?:\/\//.test(uri) || !URL.canParse(uri))
    throw new UserError("MLFLOW_TRACKING_URI: expected the address of a server, such as http://localhost:5000");
  return uri.replace(/\/+$/, "");
}

function authorization(env: MlflowOptions["env"]): Record<string, string> {
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password } = env;
  if (token) return { authorization: `Bearer ${token}` };
  return user ? { authorization: `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}` } : {};
}

const runFile = (dir: string): string => `${dir}/mlflow.json`;

/** Of an earlier process of this training; null where there was none. */
function knownRun(dir: string): string | null {
  try {
    const { runId } = JSON.parse(readFileSync(runFile(dir), "utf8"));
    return typeof runId === "string" ? runId : null;
  } catch {
    return null;
  }
}

/** "detector.roi.foregroundIou" and its value as text. The dataset's folder is of this machine: its name alone. */
function flat(value: object, path = ""): [string, string][] {
  return Object.entries(value).flatMap(([name, inner]): [string, string][] => {
    const key = path === "" ? name : `${path}.${name}`;
    if (inner !== null && typeof inner === "object" && !Array.isArray(inner)) return flat(inner, key);
    return [[key, typeof inner === "string" ? basename(inner) : JSON.stringify(inner)]];
  });
}
