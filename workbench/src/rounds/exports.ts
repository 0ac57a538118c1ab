// What people take away: marks or detections as QuPath's GeoJSON, COCO, CSV, through the writers of `export`, and the model. Into
// exports/, whole or not at all; QuPath takes a folder with a file for each image.

import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Id } from "../api.ts";
import type { StoredImage } from "../images/found.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ProjectState } from "../project/state.ts";
import { type ExportImage, type ExportMark, type ExportSource, exportFormats, UserError } from "../sparsecell.ts";
import { NOT_A_CELL } from "./dataset.ts";
import { detectionsOn, isSearched } from "./detections.ts";
import { asRings, markedCells } from "./marked.ts";
import { scoreOf } from "./questions.ts";
import type { RoundFolder, RoundRecord } from "./round-folder.ts";

export interface ExportRequest {
  readonly format: "qupath" | "coco" | "csv" | "model";
  readonly what: "marks" | "detections";
  /** Of detections; default: the recommended one. */
  readonly score?: number;
}

export interface ExportedFile {
  /** Below exports/, with / between folders. */
  readonly name: string;
  readonly bytes: number;
}

const writers = { qupath: exportFormats.qupath, coco: exportFormats.coco, csv: exportFormats["points-csv"] };

/** `round`: for detections and the model. */
export async function exported(
  project: OpenProject,
  { format, what, score }: ExportRequest,
  round: { readonly record: RoundRecord; readonly folder: RoundFolder } | null,
): Promise<ExportedFile[]> {
  const exports = join(project.folder, "exports");
  mkdirSync(exports, { recursive: true });
  if (format === "model") {
    if (round === null || !round.folder.run.isFinished) throw new UserError("no round has a model yet; train first");
    const { modelFile } = round.folder.run;
    return replaced(exports, `model-${round.record.number}.safetensors`, (beside) => copyFileSync(modelFile, beside));
  }
  if (what === "detections" && round === null) throw new UserError("no round has searched the images yet; train first");
  const source = what === "marks" || round === null ? marksOf(project) : detectionsOf(project, round, score);
  const { write, writes, extension } = writers[format];
  const stem = what === "marks" ? "marks" : `detections-${round?.record.number}`;
  return replaced(exports, `${stem}${writes === "folder" ? `-${format}` : extension}`, (beside) => write(source, beside));
}

/** What there is to download. */
export function exportedFiles(project: OpenProject): string[] {
  const exports = join(project.folder, "exports");
  return existsSync(exports) ? filesIn(exports, "") : [];
}

/** Writes beside its place, then takes the place of an earlier export of that name. */
async function replaced(exports: string, name: string, write: (beside: string) => void | Promise<void>): Promise<ExportedFile[]> {
  const [place, beside] = [join(exports, name), join(exports, `.${process.pid}.${name}`)];
  try {
    rmSync(beside, { recursive: true, force: true });
    await write(beside);
    if (statSync(beside).isDirectory()) rmSync(place, { recursive: true, force: true });
    renameSync(beside, place);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  const files = statSync(place).isDirectory() ? filesIn(exports, `${name}/`) : [name];
  return files.map((file) => ({ name: file, bytes: statSync(join(exports, file)).size }));
}

/** Paths below `folder`, with / between folders. */
const filesIn = (folder: string, inside: string): string[] =>
  readdirSync(join(folder, inside), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith("."))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(folder, `${inside}${entry.name}/`) : [`${inside}${entry.name}`]))
    .sort();

/** All that is marked, also hard negatives and regions; images of which nothing is known are left out. */
function marksOf(project: OpenProject): ExportSource {
  const { state } = project;
  let id = 0;
  const images = project.images.flatMap((image, i): ExportImage[] => {
    const cells = markedCells(state, image.id);
    const regions = asRings(state.regionsOf(image.id));
    const imageState = state.stateOf(image.id);
    if (cells.length + regions.length === 0 && imageState === "untouched") return [];
    const marks = cells.map(({ box, classId }): ExportMark => ({ id: ++id, box, label: labelOf(state, classId) }));
    const { width, height } = image;
    const whole = { kind: "complete" as const, rings: [[0, 0, width, 0, width, height, 0, height]] };
    const known = imageState === "complete" || imageState === "test" ? [whole, ...regions] : regions;
    const split = imageState === "test" ? "test" : "train";
    return [{ ...imageOf(project, image, i), group: image.group, split, ...(known.length > 0 && { regions: known }), marks }];
  });
  const negative = { id: state.classes.length + 1, name: NOT_A_CELL, negative: true as const };
  const isUsed = [...state.cells.values()].some(({ classId }) => classId === null);
  return { images, categories: [...categoriesOf(state), ...(isUsed ? [negative] : [])] };
}

/** What a round found with the score or more; images that it has not searched are left out. */
function detectionsOf(
  project: OpenProject,
  { record, folder }: { readonly record: RoundRecord; readonly folder: RoundFolder },
  score = scoreOf(record),
): ExportSource {
  const { state } = project;
  const classes = record.classes.map(({ id }) => id);
  const images = project.images.flatMap((image, i): ExportImage[] => {
    if (!isSearched(folder.detections, image.id)) return [];
    const found = detectionsOn(folder.detections, image.id, classes).filter((detection) => detection.score >= score);
    const marks = found.map((detection): ExportMark => {
      return { box: detection.box, score: detection.score, label: labelOf(state, detection.classId) };
    });
    return [{ ...imageOf(project, image, i), marks }];
  });
  return { images, categories: categoriesOf(state) };
}

function imageOf({ state }: OpenProject, { id, name, width, height }: StoredImage, index: number) {
  const mpp = state.mppOf(id);
  return { id: index + 1, fileName: name, width, height, ...(mpp !== null && { mpp }) };
}

const labelOf = (state: ProjectState, classId: Id | null): string =>
  classId === null ? NOT_A_CELL : (state.classOf(classId)?.name ?? classId);

const categoriesOf = ({ classes }: ProjectState) => classes.map(({ name }, i) => ({ id: i + 1, name }));
