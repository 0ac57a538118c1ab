// Compares a dataset with the paper's counts (Li et al. 2021, section "Datasets"): MITOS-ATYPIA-14's Hamamatsu training frames
// with at least one mitosis, and a private Ki-67 set.

import { cellsOf, type Dataset } from "./dataset.ts";

export type PaperDataset = "mitos-atypia-14" | "ki67";

export interface PaperCounts {
  /** Images with at least one cell. */
  readonly patches: number;
  readonly cells: number;
  /** Patches of the paper's size. */
  readonly ofSize: number;
}

interface Paper extends Pick<PaperCounts, "patches" | "cells"> {
  readonly width: number;
  readonly height: number;
  readonly noun: string;
}

const PAPERS: { readonly [name in PaperDataset]: Paper } = {
  "mitos-atypia-14": { patches: 393, cells: 743, width: 1663, height: 1485, noun: "mitoses" },
  ki67: { patches: 206, cells: 21025, width: 1920, height: 1080, noun: "cells" }, // "1,080 × 1,920"
};

/** Frames of the other scanner, which the paper does not use. */
const APERIO = /(^|\/)A\d\d_\d\d[A-D][a-d]\.[^./]+$/;

/**
 * Counts `dataset` as the paper counts the dataset called `name`: images with at least one cell, including hidden cells but not
 * hard negatives or Aperio frames. `lines` is a table of the paper's numbers, the dataset's, and the difference.
 */
export function paperCounts(dataset: Dataset, name: PaperDataset = "mitos-atypia-14") {
  const { width, height, noun, ...paper } = PAPERS[name];
  const expected: PaperCounts = { ...paper, ofSize: paper.patches };
  const counted = dataset.images.filter(({ fileName }) => name !== "mitos-atypia-14" || !APERIO.test(fileName));
  const cells = new Map(counted.map(({ id }) => [id, 0]));
  for (const { imageId } of cellsOf(dataset)) {
    const before = cells.get(imageId);
    if (before !== undefined) cells.set(imageId, before + 1);
  }
  const patches = counted.filter(({ id }) => cells.get(id) !== 0);
  const found: PaperCounts = {
    patches: patches.length,
    cells: [...cells.values()].reduce((sum, count) => sum + count, 0),
    ofSize: patches.filter((image) => image.width === width && image.height === height).length,
  };
  const row = (label: string, key: keyof PaperCounts) => [label, expected[key], found[key], signed(found[key] - expected[key])];
  const table = [
    ["", "paper", "found", "difference"],
    row("patches", "patches"),
    row(noun, "cells"),
    row(`patches of ${width}×${height}`, "ofSize"),
  ];
  const aperio = dataset.images.length - counted.length;
  const lines = table.map(
    ([label, ...cells]) => String(label).padEnd(22) + cells.map((cell) => String(cell).padStart(12)).join(""),
  );
  if (aperio > 0) lines.push(`not counted: ${aperio} Aperio frames; the paper uses the Hamamatsu ones`);
  return { expected, found, lines };
}

const signed = (difference: number): string => (difference > 0 ? `+${difference}` : String(difference));
