// project.json: the images as they were found, and what was opened. It is read again at each opening, and said what has changed.

import { existsSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CellClass } from "../api.ts";
import { classesOf, colourOf, defaultSize } from "../images/dataset-marks.ts";
import {
  type Found,
  type FoundImage,
  imageId,
  type Kind,
  problemWith,
  type StoredImage,
  statusOf,
  storedImage,
} from "../images/found.ts";
import { readJsonFile, shapes, UserError, writeFileAtomic } from "../sparsecell.ts";

export interface ProjectFile {
  readonly version: 1;
  readonly path: string;
  readonly kind: Kind;
  readonly images: readonly StoredImage[];
  readonly classes: readonly CellClass[];
}

const { anyText, anyFlag, listOf, numberIn, objectOf, oneOf, orNull } = shapes;

const projectShape = objectOf({
  version: oneOf(1),
  path: anyText,
  kind: oneOf("dataset", "folder", "file"),
  images: listOf(
    objectOf({
      id: anyText,
      name: anyText,
      width: numberIn({ least: 1, whole: true }),
      height: numberIn({ least: 1, whole: true }),
      mpp: orNull(numberIn({ least: 0 })),
      slide: anyFlag,
      group: anyText,
      state: oneOf("untouched", "marking", "complete", "test"),
      bytes: numberIn({ least: 0 }),
      mtimeMs: numberIn(),
    }),
  ),
  classes: listOf(objectOf({ id: anyText, name: anyText, colour: anyText, size: numberIn() })),
});

export const projectFile = (folder: string): string => join(folder, "project.json");

/** What is known from before; null at the first opening. Throws a UserError when the folder is another path's project. */
export function readProject(folder: string, path: string): ProjectFile | null {
  const file = projectFile(folder);
  if (!existsSync(file)) return null;
  const project = shapes.requireShape<ProjectFile>(
    readJsonFile(file),
    projectShape,
    "this is not a project of the workbench; restore the file, or choose another --project",
  );
  const elsewhere = existsSync(project.path) && realpathSync(project.path) !== realpathSync(path);
  if (elsewhere) throw new UserError(`${folder}: is the project of ${project.path}; choose another --project`);
  return project;
}

export interface Reconciled {
  readonly project: ProjectFile;
  /** Lines for people. */
  readonly changes: readonly string[];
  /** Images whose marks are in the wrong place or whose file is gone, by id, and why. */
  readonly problems: ReadonlyMap<string, string>;
  /** The file of an image, by id. */
  readonly files: ReadonlyMap<string, string>;
}

/** The project after a look at what is there now. Headers are read only of images that are new or changed. */
export async function reconcile(path: string, found: Found, before: ProjectFile | null): Promise<Reconciled> {
  const known = new Map(before?.images.map((image) => [image.id, image]));
  const changes: string[] = [];
  const problems = new Map<string, string>();
  const files = new Map<string, string>();
  const images: StoredImage[] = [];
  for (const each of found.images) {
    const id = imageId(each.name);
    const earlier = known.get(id);
    known.delete(id);
    files.set(id, each.file);
    try {
      const now = await currently(each, earlier);
      if (earlier === undefined && before) changes.push(`${each.name}: new`);
      if (earlier && now !== earlier) {
        const moved = now.width !== earlier.width || now.height !== earlier.height;
        const sides = ({ width, height }: StoredImage) => `${width}×${height}`;
        changes.push(`${each.name}: ${moved ? `had ${sides(earlier)} pixels, now ${sides(now)}` : "its file has changed"}`);
        if (moved) problems.set(id, `had ${sides(earlier)} pixels when it was marked, now ${sides(now)}; restore the image`);
      }
      images.push(problems.has(id) && earlier ? earlier : now);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const problem = problemWith(each, error);
      changes.push(`${each.name}: ${problem}`);
      if (earlier === undefined) continue; // without a size it cannot be shown
      problems.set(id, problem);
      images.push(earlier);
    }
  }
  for (const image of known.values()) {
    changes.push(`${image.name}: is missing`);
    problems.set(image.id, "its file is missing; its marks are kept");
    images.push(image);
  }
  if (images.length === 0) throw new UserError(`${path}: none of its images can be read: ${changes[0]}`);
  const classes = before?.classes ?? firstClasses(found, images);
  const project: ProjectFile = { version: 1, path: resolve(path), kind: found.kind, images, classes };
  return { project, changes, problems, files };
}

async function currently(found: FoundImage, earlier: StoredImage | undefined): Promise<StoredImage> {
  const { size, mtimeMs } = statusOf(found.file);
  if (earlier?.bytes === size && earlier.mtimeMs === mtimeMs) return earlier;
  const now = await storedImage(found);
  return earlier ? { ...now, state: earlier.state } : now;
}

function firstClasses({ dataset }: Found, images: readonly StoredImage[]): CellClass[] {
  const classes = dataset ? classesOf(dataset) : [];
  if (classes.length > 0) return classes;
  return [{ id: "c000000000", name: "cell", colour: colourOf(0), size: defaultSize(images.some(({ mpp }) => mpp !== null)) }];
}

export const writeProject = (folder: string, project: ProjectFile): void =>
  writeFileAtomic(projectFile(folder), `${JSON.stringify(project, null, 1)}\n`);

/** Beside a file, in a folder. */
export function projectFolderOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, "sparsecell") : `${path}.sparsecell`;
}
