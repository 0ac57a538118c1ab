// What is marked, as a dataset to train on. What nobody has marked is unknown, never empty: an image without marks is no training image
// unless somebody has said that it is complete. Test images go in as the test split, of which no training learns.

import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Box, Cell, Id, Round } from "../api.ts";
import type { StoredImage } from "../images/found.ts";
import type { OpenProject } from "../project/open-project.ts";
import { importDataset, type Mark, type SourceImage, UserError } from "../sparsecell.ts";
import { asRings, markedCells } from "./marked.ts";
import { middlePart } from "./places.ts";

/** The class of places that are not cells. */
export const NOT_A_CELL = "not a cell";

export type Learned = Round["learned"];

export interface RoundDataset {
  readonly learned: Learned;
  /** The images that it learns from. */
  readonly images: readonly Id[];
}

/** Writes the dataset to the new folder `dir`. Throws a UserError when nothing can be learned. */
export async function writeRoundDataset(project: OpenProject, dir: string): Promise<RoundDataset> {
  await project.checkImages();
  const known = project.images.flatMap((image) => sourceOf(project, image) ?? []);
  const entries = known.filter(({ image: { id, name } }) => {
    const problem = project.problem(id);
    if (problem !== undefined) project.events.send("problem", { message: `not learned from: ${name}: ${problem}` });
    return problem === undefined;
  });
  const training = entries.filter(({ source }) => source.split === "train");
  const learned = {
    images: training.length,
    cells: sum(training, "cells"),
    negatives: sum(training, "negatives"),
    regions: sum(training, "regions"),
  };
  if (learned.cells === 0) throw new UserError("nothing is marked on a training image; mark some cells, then train");
  const links = `${dir}.images`;
  try {
    rmSync(dir, { recursive: true, force: true });
    rmSync(links, { recursive: true, force: true });
    for (const { image } of entries) link(project.fileOf(image.id), join(links, image.name));
    const pixels = entries.find(({ image }) => image.pixels)?.image.pixels ?? {};
    await importDataset({
      source: { images: entries.map(({ source }) => source), negativeLabels: [negativeLabel(project)] },
      images: links,
      box: 16, // of points, of which there are none
      dropInvalid: true,
      out: dir,
      ...pixels,
    });
  } finally {
    rmSync(links, { recursive: true, force: true });
  }
  return { learned, images: training.map(({ image }) => image.id) };
}

interface Entry extends Omit<Learned, "images"> {
  readonly image: StoredImage;
  readonly source: SourceImage;
}

/** Null: nobody knows anything of the image that can be learned. */
function sourceOf(project: OpenProject, image: StoredImage): Entry | null {
  const { state } = project;
  const imageState = state.stateOf(image.id);
  const cells = markedCells(state, image.id);
  const regions = asRings(state.regionsOf(image.id));
  const isWhole = imageState === "complete" || imageState === "test";
  const isKnown = cells.length > 0 || regions.some(({ kind }) => kind === "complete");
  if (!isWhole && !isKnown) return null;
  const at = { file: join(project.folder, "actions.jsonl"), line: 0 };
  const all: Box = [0, 0, image.width, image.height];
  const marks: Mark[] = [
    ...cells.map((cell) => ({ place: { kind: "box", box: learnedBox(cell) } as const, label: labelOf(project, cell), ...at })),
    ...regions.map(({ kind, rings }) => ({ place: { kind: "outline", rings } as const, label: null, region: kind, ...at })),
    ...(isWhole ? [{ place: { kind: "box", box: all } as const, label: null, region: "complete" as const, ...at }] : []),
  ];
  const mpp = state.mppOf(image.id);
  return {
    image,
    source: {
      name: image.name,
      marks,
      group: image.group,
      split: imageState === "test" ? "test" : "train",
      ...(mpp !== null && { mpp }),
      ...at,
    },
    cells: cells.filter(({ classId }) => classId !== null).length,
    negatives: cells.filter(({ classId }) => classId === null).length,
    regions: regions.length,
  };
}

const learnedBox = ({ classId, box }: Cell): Box => (classId === null ? middlePart(box) : box);

function labelOf(project: OpenProject, { classId }: Cell): string {
  if (classId === null) return negativeLabel(project);
  return project.state.classOf(classId)?.name ?? classId;
}

/** That no class has. */
function negativeLabel({ state }: OpenProject): string {
  const names = new Set(state.classes.map(({ name }) => name.trim()));
  let label = NOT_A_CELL;
  while (names.has(label)) label += "'";
  return label;
}

/** So that the import sees these images and no others: the project's folder is full of copies of them. */
function link(file: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(resolve(file), to);
  const beside = file.replace(/\.mrxs$/i, ""); // the pixels of such a slide
  if (beside !== file && existsSync(beside)) symlinkSync(resolve(beside), to.replace(/\.mrxs$/i, ""));
}

const sum = (entries: readonly Entry[], key: "cells" | "negatives" | "regions"): number =>
  entries.reduce((total, entry) => total + entry[key], 0);
