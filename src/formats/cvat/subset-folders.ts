// Which file an image of a CVAT project is. An export has its images in a folder for each subset, and those without a subset in
// "default"; users also keep them all in one folder.

import type { ImageNames } from "../annotation-files.ts";

const DEFAULT = "default";
/** What subsets are usually called, beside those that the annotations name. */
const USUAL = [DEFAULT, "train", "training", "val", "valid", "validation", "test", "testing"];

export class SubsetFolders {
  readonly #names: ImageNames;
  readonly #isProject: boolean;
  readonly #folders: ReadonlySet<string>;

  /** `subsets`: all that the annotations name. */
  constructor(names: ImageNames, subsets: ReadonlySet<string>) {
    this.#names = names;
    this.#isProject = subsets.size > 0;
    this.#folders = new Set([...USUAL, ...[...subsets].map((subset) => subset.toLowerCase())]);
  }

  /** The image's name as the importer looks for it; it finds no file when all of that name are of other subsets. */
  nameOf(name: string, subset: string | undefined): string {
    const paths = this.#names.paths(name);
    if (subset === undefined && !this.#isProject)
      return paths.length > 1 ? (this.#names.find(`${DEFAULT}/${name}`) ?? name) : name;
    const folder = subset ?? DEFAULT;
    const inSubset = this.#names.find(`${folder}/${name}`);
    if (inSubset !== undefined) return inSubset;
    const possible = paths.filter((path) => {
      const above = folderAbove(path, name).toLowerCase();
      return above === folder.toLowerCase() || !this.#folders.has(above);
    });
    if (possible.length === 1) return possible[0];
    return possible.length > 1 || (paths.length === 0 && subset === undefined) ? name : `${folder}/${name}`;
  }
}

/** The folder of `path` in which `name`, a path too, lies; "" for none. */
function folderAbove(path: string, name: string): string {
  const depth = name.split(/[\\/]/).length;
  return path.split("/").at(-1 - depth) ?? "";
}
