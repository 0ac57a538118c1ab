// results.json of a report, by which others can repeat a table: the command of the whole, and each run's measures.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PresetName, Protocol } from "../experiment/protocol.ts";
import { readJsonFile } from "../files/json/file.ts";
import { anyText, either, listOf, numberIn, objectOf, oneOf, optional, requireShape } from "../files/json/shape.ts";
import { isObject } from "../files/json/value.ts";
import { shellWord } from "../files/shell-word.ts";
import { mainMetrics } from "../report/grid/metrics.ts";
import type { GridUnit } from "../runs/grid.ts";
import { settingLines } from "../settings/presets.ts";
import type { Ending } from "./ending.ts";
import type { Places } from "./unit-again.ts";

/** Of a grid's report; that of a comparison has only a command. */
export interface GridResults {
  readonly grid: {
    readonly name: string;
    readonly preset: PresetName;
    readonly command: string;
    readonly versions: Readonly<Record<string, string>>;
  };
  readonly settings: readonly { readonly label: string; readonly value: string }[];
  readonly runs: readonly (GridUnit & { readonly [metric: string]: unknown })[];
}

const gridResultsShape = objectOf({
  grid: objectOf({ name: anyText, preset: oneOf("paper", "quick"), command: anyText, versions: objectOf({}) }),
  settings: listOf(objectOf({ label: anyText, value: anyText })),
  runs: listOf(
    objectOf({
      fold: numberIn({ least: 0, whole: true }),
      keep: either(oneOf("one-per-image"), numberIn({ least: 0, most: 1 })),
      method: anyText,
      seed: numberIn({ least: 0, whole: true }),
      ...Object.fromEntries(mainMetrics.map(({ key }) => [key, optional(numberIn())])),
    }),
  ),
});

/** The results.json that `path` is or holds; null where it is neither. */
export function resultsFileOf(path: string): string | null {
  if (!existsSync(path)) return null;
  if (!statSync(path).isDirectory()) return path;
  const file = join(path, "results.json");
  return existsSync(file) ? file : null;
}

/** Throws a UserError when it is not the results.json of a grid or of a comparison. */
export function readResults(file: string): GridResults | { readonly command: string } {
  const json = readJsonFile(file);
  if (isObject(json.value) && typeof json.value.command === "string") return { command: json.value.command };
  return requireShape<GridResults>(
    json,
    gridResultsShape,
    "this is not the results.json of an experiment; its page in docs/ may say how it was made",
  );
}

/** One line for a shell that makes the table again. */
export function tableCommand({ grid }: GridResults, { data, weights }: Places): string {
  const value = /(?:"[^"]*"|'[^']*'|\S+)/.source;
  const given = (command: string, [flag, path]: readonly [string, string | undefined]): string =>
    path === undefined ? command : command.replace(new RegExp(`${flag} ${value}`), () => `${flag} ${shellWord(path)}`);
  const command = (
    [
      ["--data", data],
      ["--weights", weights],
    ] as const
  ).reduce(given, grid.command);
  const out = new RegExp(`--out (${value})`).exec(command)?.[1];
  return out ? `${command} && npx sparsecell report ${out}` : command;
}

/** The protocol as `experiment` takes it. */
export const protocolOf = ({ grid }: GridResults): string => {
  const word = /^npx sparsecell experiment ("[^"]*"|'[^']*'|\S+)/.exec(grid.command)?.[1] ?? grid.name;
  return word.replace(/^(["'])(.*)\1$/, "$2");
};

/** How the protocol of today differs from that of the results, setting by setting. */
export function settingDifferences({ grid, settings }: GridResults, protocol: Protocol, weights: string | null): string[] {
  const now = new Map(
    settingLines(protocol.presets[grid.preset] as Parameters<typeof settingLines>[0], weights).map(({ label, value }) => [
      label,
      value,
    ]),
  );
  const lacking = settings.filter(({ label }) => !now.has(label)).map(({ label }) => label);
  const changed = settings
    .filter(({ label, value }) => label !== "first weights" && now.has(label) && now.get(label) !== value)
    .map(({ label, value }) => `${label}: was ${value}, is ${now.get(label)}`);
  return lacking.length === 0 ? changed : [...changed, `settings are written in other words now: ${lacking.join(", ")}`];
}

/** The measures of one of its runs. */
export function recordedEnding({ runs }: GridResults, unit: GridUnit): Ending {
  const row = runs.find(
    ({ fold, keep, method, seed }) => fold === unit.fold && keep === unit.keep && method === unit.method && seed === unit.seed,
  );
  const measures = mainMetrics.flatMap(({ key }) => (typeof row?.[key] === "number" ? [[key, row[key]] as const] : []));
  return { model: null, log: null, losses: [], measures: Object.fromEntries(measures) };
}
