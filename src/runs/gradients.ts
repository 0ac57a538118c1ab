// `gradients.json`: the mean test gradient of every layer of some trained runs (Li et al. 2021, Eqs (14)–(16)), as
// `sparsecell gradients` writes it. Figures and tables are made from this file alone.

import { UserError } from "../errors.ts";
import { readJsonFile } from "../files/json/file.ts";
import type { GridUnit } from "./grid.ts";

export interface Gradients {
  /** The name of the dataset's folder. */
  readonly dataset: string;
  readonly split: "train" | "test";
  /** `second-stage`: Eq. (1) alone; `all`: with the first stage's losses. */
  readonly loss: "all" | "second-stage";
  /** Seed of the sampling of anchors and RoIs, the same in all runs. */
  readonly samplingSeed: number;
  readonly versions: Readonly<Record<string, string>>;
  /** A method's place is its look in figures; some may have no run. */
  readonly methods: readonly { readonly name: string; readonly label: string }[];
  /** All of one architecture, so that they have the same layers. */
  readonly runs: readonly GradientRun[];
}

export interface GradientRun extends Omit<GridUnit, "fold"> {
  /** Its folder. */
  readonly run: string;
  /** Null where it is unknown: a training that is not part of a grid. */
  readonly fold: number | null;
  /** Names of the N images. */
  readonly images: readonly string[];
  readonly layers: readonly GradientLayer[];
}

export interface GradientLayer {
  /** From 1 on, in forward order. */
  readonly layer: number;
  /** torchvision's, of the layer's kernels. */
  readonly name: string;
  readonly block: string;
  /** μ_l of Eq. (14). */
  readonly mean: number;
  /** Of each image: `mean` is their mean. */
  readonly perImage: readonly number[];
}

export const gradientsFile = "gradients.json";

/** Compact, one line per layer. Numbers have 7 digits. */
export function renderGradients({ runs, ...about }: Gradients): string {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, inner) => (typeof inner === "number" ? Number(inner.toPrecision(7)) : inner));
  const lines = (items: readonly string[], indent: string): string => `[\n${indent}${items.join(`,\n${indent}`)}\n]`;
  const runTexts = runs.map(({ layers, ...run }) => `${text(run).slice(0, -1)},"layers":${lines(layers.map(text), "  ")}}`);
  return `${text(about).slice(0, -1)},\n"runs":${lines(runTexts, " ")}}\n`;
}

/** Throws a UserError when the file is missing or damaged. */
export function readGradients(file: string): Gradients {
  const { value } = readJsonFile(file);
  if (!isGradients(value)) throw new UserError(`${file}: not a file of "sparsecell gradients"; run that command again`);
  const [first, ...others] = value.runs;
  const names = ({ layers }: GradientRun): string => JSON.stringify(layers.map(({ layer, name, block }) => [layer, name, block]));
  const other = others.find((run) => names(run) !== names(first));
  if (other)
    throw new UserError(
      `${file}: ${other.run} and ${first.run} have different layers, which do not compare; analyse runs of one architecture`,
    );
  return value;
}

type Unknown<T> = { readonly [key in keyof T]?: unknown };

function isGradients(value: unknown): value is Gradients {
  const { dataset, split, loss, methods, runs } = (value ?? {}) as Unknown<Gradients>;
  return (
    [dataset, split, loss].every((text) => typeof text === "string") &&
    isListOf<Gradients["methods"][number]>(methods, ({ name, label }) => [name, label].every((t) => typeof t === "string")) &&
    isListOf<GradientRun>(runs, (run) => isRun(run) && methods.some(({ name }) => name === run.method))
  );
}

const isRun = ({ run, method, keep, fold, seed, images, layers }: Unknown<GradientRun>): boolean =>
  [run, method].every((text) => typeof text === "string") &&
  (keep === "one-per-image" || typeof keep === "number") &&
  (fold === null || Number.isInteger(fold)) &&
  Number.isInteger(seed) &&
  Array.isArray(images) &&
  isListOf<GradientLayer>(
    layers,
    ({ layer, name, block, mean }) =>
      Number.isInteger(layer) && [name, block].every((text) => typeof text === "string") && Number.isFinite(mean),
  );

/** A list that is not empty. */
const isListOf = <T>(value: unknown, isItem: (item: Unknown<T>) => boolean): value is readonly T[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "object" && item !== null && isItem(item));
