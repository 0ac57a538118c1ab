// The search of all images after a training: `predict`, a process for many images, whose findings are taken over as they come. Slides
// have a process each, which goes on where an earlier one was stopped.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Id } from "../api.ts";
import type { StoredImage } from "../images/found.ts";
import type { OpenProject } from "../project/open-project.ts";
import { Command, type Ended, lastLine } from "./command.ts";
import { isSearched, writeDetections } from "./detections.ts";
import { GrowingFile } from "./growing-file.ts";
import type { RoundClass, RoundFolder } from "./round-folder.ts";
import { LEAST_SCORE } from "./suspects.ts";

export interface SearchOptions {
  readonly project: OpenProject;
  readonly folder: RoundFolder;
  /** As they were called when it trained: a model knows names alone. Their places are those of a detections file. */
  readonly classes: readonly RoundClass[];
  readonly onStart: (command: Command) => void;
  readonly onSearched: (image: Id) => void;
}

/** Images of one process: command lines have an end. */
const MOST_IMAGES = 1000;
const LOOK = 300; // ms
/** What `predict` says of a slide without any. */
const NO_TISSUE = /: no tissue was found on it;/;

/** All images that are not searched yet. An image that cannot be used is left out: one of them would end the search of all. */
export async function searchAll(options: SearchOptions): Promise<Ended> {
  const { project, folder } = options;
  mkdirSync(folder.detections, { recursive: true });
  await project.checkImages();
  const waiting = searchOrder(project).filter(({ id }) => !isSearched(folder.detections, id) && isThere(project, id));
  for (const [i, group] of groupsOf(
    project,
    waiting.filter(({ slide }) => !slide),
  ).entries()) {
    const ended = await searchImages(options, group, i);
    if (ended !== "done") return ended;
  }
  for (const image of waiting.filter(({ slide }) => slide)) {
    const ended = await searchSlide(options, image);
    if (ended !== "done") return ended;
  }
  return "done";
}

/** What is being marked comes first. */
export function searchOrder({ images, state }: OpenProject): StoredImage[] {
  const order = ["marking", "untouched", "complete", "test"];
  const place = ({ id }: StoredImage): number => order.indexOf(state.stateOf(id));
  return [...images].sort((a, b) => place(a) - place(b));
}

/** Of one size of pixels each, which is an option of the command. */
function groupsOf({ state }: OpenProject, images: readonly StoredImage[]): StoredImage[][] {
  const byMpp = new Map<number | null, StoredImage[]>();
  for (const image of images) {
    const mpp = state.mppOf(image.id);
    byMpp.set(mpp, [...(byMpp.get(mpp) ?? []), image]);
  }
  return [...byMpp.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / MOST_IMAGES) }, (_, i) => group.slice(i * MOST_IMAGES, (i + 1) * MOST_IMAGES)),
  );
}

async function searchImages(options: SearchOptions, images: readonly StoredImage[], group: number): Promise<Ended> {
  const { project, folder, onStart, onSearched } = options;
  const byFile = new Map(images.map((image) => [resolve(project.fileOf(image.id)), image]));
  const out = join(folder.detections, `found-${group}.jsonl`);
  rmSync(out, { force: true }); // what it held is taken over
  const found = new GrowingFile(out);
  let places: readonly number[] = [];
  const takeOver = (): void => {
    for (const text of found.lines()) {
      const line = JSON.parse(text);
      if (line.image === undefined) places = line.classes.map((name: string) => placeOf(options, name));
      else {
        const image = byFile.get(line.image) as StoredImage;
        writeDetections(folder.detections, image.id, { ...line, classes: line.classes.map((k: number) => places[k]) });
        onSearched(image.id);
      }
    }
  };
  const command = new Command(
    ["predict", ...byFile.keys(), ...modelOptions(options, images[0]), "--drop-invalid", "--out", out],
    folder.log,
  );
  onStart(command);
  const looking = setInterval(takeOver, LOOK);
  const ended = await command.ended;
  clearInterval(looking);
  takeOver();
  rmSync(out, { force: true });
  return ended;
}

async function searchSlide(options: SearchOptions, image: StoredImage): Promise<Ended> {
  const { project, folder, onStart, onSearched } = options;
  const out = join(folder.detections, `${image.id}.csv`);
  const search = (...wanted: readonly string[]): Promise<Ended> => {
    const args = ["predict", resolve(project.fileOf(image.id)), ...modelOptions(options, image), ...wanted];
    const command = new Command([...args, "--overwrite", "--out", out], folder.log);
    onStart(command);
    return command.ended;
  };
  let ended = await search();
  if (ended === "failed" && NO_TISSUE.test(lastLine(folder.log))) ended = await search("--no-tissue"); // somebody has opened it
  if (ended !== "done") return ended;
  const cells: { boxes: number[][]; scores: number[]; classes: number[] } = { boxes: [], scores: [], classes: [] };
  for (const line of readFileSync(out, "utf8").split("\n").slice(1)) {
    if (line === "") continue;
    const parts = line.split(",");
    const [x, y, width, height] = parts.slice(0, 4).map(Number);
    cells.boxes.push([x - width / 2, y - height / 2, x + width / 2, y + height / 2]);
    cells.scores.push(Number(parts.at(-1)));
    const name = parts.slice(8, -1).join(",");
    cells.classes.push(placeOf(options, name.replace(/^"|"$/g, "").replaceAll('""', '"')));
  }
  writeDetections(folder.detections, image.id, cells);
  rmSync(out, { force: true });
  onSearched(image.id);
  return "done";
}

function modelOptions({ project, folder }: SearchOptions, image: StoredImage): string[] {
  const mpp = project.state.mppOf(image.id);
  return ["--model", folder.run.dir, "--score", String(LEAST_SCORE), ...(mpp === null ? [] : ["--mpp", String(mpp)])];
}

const placeOf = ({ classes }: SearchOptions, called: string): number =>
  Math.max(
    0,
    classes.findIndex(({ name }) => name.trim() === called),
  );

function isThere(project: OpenProject, id: Id): boolean {
  if (project.problem(id) !== undefined) return false;
  try {
    project.fileOf(id);
    return true;
  } catch {
    return false;
  }
}
