// A run's logs as points of curves. The logs are the truth: a tracker only follows them, and may end or start at any time.

import { lossParts } from "../runs/loss-parts.ts";

/** A point of the curve `tag`. */
export interface Point {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

type Line = Readonly<Record<string, unknown>> & { readonly step: number };

/** The files of a run that grow while it trains, and what a line of each says. */
export const logs: { readonly [file: string]: (line: Line) => readonly (readonly [tag: string, value: unknown])[] } = {
  "log.jsonl": (line) => [
    ["loss", line.loss],
    ...lossParts([line]).map((part) => [`loss/${part}`, line[part]] as const),
    ["learning rate", line.lr],
    ...within(line.report).map(([name, value]) => [`method/${name}`, value] as const),
  ],
  "validation.jsonl": (line) => [
    [`held-out/measure of ${line.weights} weights`, line.measure],
    [`held-out/best score of ${line.weights} weights`, line.score],
    ...within(line.recall).map(([score, value]) => [`held-out/recall at ${score} of ${line.weights} weights`, value] as const),
  ],
  "timings.jsonl": (line) => [["seconds per step", line.seconds]],
};

const within = (value: unknown): [string, unknown][] => Object.entries((value as object | undefined) ?? {});

/** MLflow takes no other characters. */
const plain = (tag: string): string => tag.replace(/[^\w\-. /]/g, "_");

/** Nothing where a line is cut off or says nothing. */
export function pointsOf(file: string, text: string): Point[] {
  try {
    const line = JSON.parse(text) as Line;
    return logs[file](line).flatMap(([tag, value]) =>
      Number.isFinite(value) ? { tag: plain(tag), step: line.step, value: value as number } : [],
    );
  } catch {
    return [];
  }
}
