// The options of `sparsecell experiment`, and from them the command as a report repeats it.

import type { Bias } from "../../../data/bias/biases.ts";
import type { PresetName, Protocol } from "../../../experiment/protocol.ts";
import { shellWord } from "../../../files/shell-word.ts";
import type { TrackerName } from "../../../tracking/names.ts";
import type { ExecutorOptions } from "../../options/executor.ts";

export interface Options extends ExecutorOptions {
  readonly data?: string;
  readonly preset: PresetName;
  readonly jobs: number;
  readonly keepModels?: true;
  readonly track?: readonly TrackerName[];
  readonly seeds?: readonly number[];
  readonly folds?: readonly number[];
  readonly methods?: readonly string[];
  readonly keeps?: Protocol["keeps"];
  readonly bias?: Bias;
  readonly weights?: string;
  readonly device: string;
  readonly dryRun?: true;
  readonly out?: string;
  readonly emit?: "kubernetes";
  readonly image: string;
  readonly claim: string;
}

/** What determines the results; how many runs at a time and what is kept do not. */
export function commandText(file: string, options: Options): string {
  const { data, weights, preset, seeds, folds, methods, keeps, bias, device, out } = options;
  const given = {
    "--data": data,
    "--weights": weights,
    "--preset": preset,
    "--seeds": seeds?.join(","),
    "--folds": folds?.join(","),
    "--methods": methods?.join(" "),
    "--keeps": keeps?.join(","),
    "--bias": bias,
    "--device": device === "cpu" ? undefined : device,
    "--out": out,
  };
  const words = Object.entries(given).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
  return ["npx sparsecell experiment", ...[file, ...words].map(shellWord)].join(" ");
}

/** A parser of values with commas between them. */
export function list<T>(value: (text: string) => T): (text: string) => T[] {
  return (text) => [...new Set(text.split(",").map((part) => value(part.trim())))];
}
