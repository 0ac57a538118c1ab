// The paper's own numbers, in per cent: Li et al. 2021, Frontiers in Medicine 8:767625, doi 10.3389/fmed.2021.767625, Tables 1
// to 4. By this project's names of the methods. Table 3 prints LS at rate 0.1 as "24.30,".

import type { Grid, GridUnit } from "../../runs/grid.ts";

export type PaperMetric = "ap" | "recall";
type Method = "fpn" | "label-smoothing" | "proselflc" | "bde";
type ByMethod<T> = { readonly [method in Method]: T };

export const PAPER = "Li et al. 2021, Front. Med. 8:767625";

/** One number a fold of MITOS-ATYPIA-14, then the mean as printed. */
interface FoldTable {
  readonly name: string;
  readonly recall: ByMethod<readonly number[]>;
  readonly ap: ByMethod<readonly number[]>;
}

/** Table 1: all annotations. */
const mitosFull: FoldTable = {
  name: "Table 1",
  recall: {
    fpn: [80.2, 89.4, 95.8, 93.6, 89.8],
    "label-smoothing": [75.6, 84.6, 91.6, 90.4, 85.5],
    proselflc: [80.2, 86.5, 95.2, 93.1, 88.7],
    bde: [90.6, 93.3, 99.4, 95.0, 94.6],
  },
  ap: {
    fpn: [41.8, 46.9, 44.6, 60.7, 48.5],
    "label-smoothing": [36.7, 47.7, 41.7, 64.2, 47.6],
    proselflc: [32.7, 40.6, 40.3, 62.7, 44.1],
    bde: [40.7, 42.3, 43.2, 59.1, 46.3],
  },
};

/** Table 2: one annotation in each training image. */
const mitosOnePerImage: FoldTable = {
  name: "Table 2",
  recall: {
    fpn: [69.8, 81.7, 94.6, 88.1, 83.6],
    "label-smoothing": [65.8, 71.1, 86.8, 83.4, 76.7],
    proselflc: [80.2, 84.6, 95.8, 85.7, 86.5],
    bde: [88.5, 89.4, 95.8, 91.3, 91.3],
  },
  ap: {
    fpn: [34.5, 32.9, 37.4, 55.9, 40.2],
    "label-smoothing": [24.6, 30.4, 33.9, 54.6, 35.8],
    proselflc: [28.8, 28.4, 30.1, 50.1, 34.3],
    bde: [41.8, 37.1, 40.2, 60.1, 44.8],
  },
};

/** Tables 3 (AP) and 4 (recall): Ki-67, means of 3 folds at the rates 0.1, 0.2 … 1. */
const ki67: { readonly [metric in PaperMetric]: ByMethod<readonly number[]> } = {
  ap: {
    fpn: [26.22, 33.57, 39.92, 41.94, 43.88, 45.15, 46.17, 47.28, 48.22, 50.1],
    "label-smoothing": [24.3, 37.39, 41.01, 44.16, 45.48, 46.47, 47.69, 48.96, 50.01, 51.47],
    proselflc: [30.67, 38.85, 43.07, 45.37, 46.57, 47.72, 48.79, 49.91, 50.87, 51.72],
    bde: [46.45, 46.36, 46.24, 46.71, 46.94, 47.52, 47.24, 48.05, 48.6, 49.02],
  },
  recall: {
    fpn: [38.84, 44.81, 48.34, 49.84, 51.01, 51.73, 52.39, 53.14, 53.64, 54.22],
    "label-smoothing": [31.45, 45.23, 48.01, 50.82, 51.93, 52.84, 53.46, 54.0, 54.43, 54.69],
    proselflc: [43.43, 48.24, 50.28, 51.62, 52.25, 52.78, 53.31, 53.9, 54.16, 54.38],
    bde: [52.7, 53.07, 53.12, 53.32, 53.25, 53.68, 53.37, 53.82, 53.95, 53.29],
  },
};

export interface PaperQuestion {
  readonly dataset: Exclude<Grid["paperDataset"], null>;
  readonly metric: PaperMetric;
  /** As `--method` takes it; with options it is not the paper's. */
  readonly method: string;
  readonly keep: GridUnit["keep"];
  /** The paper's fold, counted from 0; left out for the mean. */
  readonly fold?: number;
}

/** The paper's number as a fraction, null where it has none. */
export function paperValue({ dataset, metric, method, keep, fold }: PaperQuestion): number | null {
  const percent = dataset === "ki67" ? ki67Value() : mitosValue();
  return percent === undefined ? null : percent / 100;

  function ki67Value(): number | undefined {
    if (fold !== undefined || keep === "one-per-image") return undefined;
    const values = hasMethod(ki67[metric], method) ? ki67[metric][method] : [];
    return values.find((_, i) => Math.abs((i + 1) / 10 - keep) < 1e-9);
  }

  function mitosValue(): number | undefined {
    const table = keep === 1 ? mitosFull : keep === "one-per-image" ? mitosOnePerImage : null;
    if (table === null || !hasMethod(table[metric], method)) return undefined;
    const values = table[metric][method];
    return fold === undefined ? values.at(-1) : values.slice(0, -1)[fold];
  }
}

/**
 * What the paper's methods lose between two of its protocols, as fractions (section 4.4.2): on Ki-67 from rate 1 to 0.1, on
 * MITOS-ATYPIA-14 from all annotations to one per image. Null for a method that the paper does not have.
 */
export function paperDrop(dataset: PaperQuestion["dataset"], metric: PaperMetric, method: string): number | null {
  const [full, sparse] = ([1, dataset === "ki67" ? 0.1 : "one-per-image"] as const).map((keep) =>
    paperValue({ dataset, metric, method, keep }),
  );
  return full === null || sparse === null ? null : sparse - full;
}

const hasMethod = <T>(table: ByMethod<T>, method: string): method is Method => Object.hasOwn(table, method);
