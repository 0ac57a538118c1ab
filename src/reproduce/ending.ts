// What a training came to, and whether two came to the same: to the bit, or within a tolerance.

import { existsSync } from "node:fs";
import { sha256Of } from "../files/sha256.ts";
import { readProvenance } from "../runs/provenance.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { LogEntry } from "../runs/run-log.ts";

export interface Ending {
  /** SHA-256; null where the model was not kept and its hash not recorded. */
  readonly model: string | null;
  /** SHA-256 of the log; null of a results.json, which has none. */
  readonly log: string | null;
  readonly losses: readonly LogEntry[];
  /** Fractions by name. */
  readonly measures: Readonly<Record<string, number>>;
}

export interface Verdict {
  readonly kind: "equal bits" | "equal within tolerance" | "different";
  /** What differs and by how much. */
  readonly lines: readonly string[];
}

export async function endingOf(run: RunFolder, measures: Ending["measures"]): Promise<Ending> {
  const outcome = readProvenance(run.dir)?.outcome;
  return {
    model: run.isFinished ? await sha256Of(run.modelFile) : (outcome?.model ?? null),
    log: existsSync(run.logFile) ? await sha256Of(run.logFile) : (outcome?.log ?? null),
    losses: run.log(),
    measures,
  };
}

/**
 * `tolerance`: how far a measure (a fraction) may be off, and the mean loss of each tenth of the training, relative to itself.
 * Rounding alone changes single losses by more, because a training amplifies it from step to step.
 */
export function compareEndings(then: Ending, now: Ending, tolerance: number): Verdict {
  const models = then.model === null ? null : then.model === now.model;
  const logs = then.log === null ? null : then.log === now.log;
  const measures = measureDifferences(then.measures, now.measures);
  const lossOff = lossDifference(then.losses, now.losses);
  const lines = [
    models === false ? "model.safetensors: other bits" : "",
    logs === false ? lossLine(then.losses, now.losses, lossOff) : "",
    ...measures.filter(({ off }) => off > 0).map(({ name, was, is }) => `${name}: was ${percent(was)}, is ${percent(is)}`),
  ].filter((line) => line !== "");
  if (models === true && logs !== false && measures.every(({ off }) => off === 0)) return { kind: "equal bits", lines };
  if (models === null) lines.unshift("the model's hash was not recorded: only what was logged and measured can be compared");
  const lost = Object.keys(then.measures).filter((name) => !(name in now.measures));
  if (lost.length > 0) lines.push(`not measured now: ${lost.join(", ")}`);
  if (models === null && then.losses.length === 0 && measures.length === 0)
    return { kind: "different", lines: [...lines, "nothing was recorded that could be compared"] };
  const within = lossOff <= tolerance && measures.every(({ off }) => off <= tolerance);
  return { kind: within ? "equal within tolerance" : "different", lines };
}

function measureDifferences(then: Ending["measures"], now: Ending["measures"]) {
  return Object.entries(then)
    .filter(([name]) => name in now)
    .map(([name, was]) => ({ name, was, is: now[name], off: Math.abs(was - now[name]) }));
}

const TENTHS = 10;

/** The largest relative difference of the mean losses over tenths of the training; infinite where one has more steps. */
function lossDifference(then: readonly LogEntry[], now: readonly LogEntry[]): number {
  if (then.length === 0) return 0; // a results.json has no log
  if (then.length !== now.length) return Infinity;
  const parts = Math.min(TENTHS, then.length);
  const mean = (log: readonly LogEntry[], i: number): number => {
    const some = log.slice(Math.floor((i * log.length) / parts), Math.floor(((i + 1) * log.length) / parts));
    return some.reduce((sum, { loss }) => sum + loss, 0) / some.length;
  };
  const off = Array.from({ length: parts }, (_, i) => {
    const [was, is] = [mean(then, i), mean(now, i)];
    return Math.abs(was - is) / Math.max(Math.abs(was), Math.abs(is), 1e-9);
  });
  return Math.max(...off);
}

function lossLine(then: readonly LogEntry[], now: readonly LogEntry[], off: number): string {
  if (then.length !== now.length) return `losses: ${then.length} steps before, ${now.length} now`;
  const first = then.find(({ loss }, i) => loss !== now[i].loss);
  if (!first) return "log.jsonl: other bits, equal losses";
  return `losses: differ from step ${first.step} on; the mean of a tenth of the steps by at most ${percent(off)}`;
}

const percent = (part: number): string => `${(100 * part).toPrecision(4)} %`;
