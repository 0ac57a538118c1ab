// Which file each image of a source is.

import { UserError } from "../errors.ts";
import { FileNameIndex, normalPath } from "../files/file-name-index.ts";
import { mergedImage } from "./merged-image.ts";
import { type SourceImage, where } from "./source.ts";

export interface AssignedImages {
  readonly sourceOf: ReadonlyMap<string, SourceImage>;
  /** Images of the source without a file. */
  readonly missing: readonly SourceImage[];
  /** Files of images that no one has labelled. */
  readonly unlabelled: ReadonlySet<string>;
  /** Of images that the source lists more than once under one name: all but the first. */
  readonly repeated: readonly SourceImage[];
}

/**
 * The source's entry for each image file. Entries of the same name, as two readers or two tasks give them, are one image with the
 * marks of all. Throws a UserError with file and line when a name could be several files, when two names are one file, and when
 * entries of one image contradict each other.
 */
export function assignImages(images: readonly SourceImage[], fileNames: readonly string[]): AssignedImages {
  const index = new FileNameIndex(fileNames, (fileName) => fileName);
  const entriesOf = new Map<string, SourceImage[]>();
  const missing: SourceImage[] = [];
  const repeated: SourceImage[] = [];
  const unlabelled = new Set<string>();
  for (const image of images) {
    const [fileName, ...others] = index.find(image.name);
    if (image.unlabelled) {
      for (const name of index.find(image.name)) unlabelled.add(name);
      continue;
    }
    if (fileName === undefined) {
      missing.push(image);
      continue;
    }
    if (others.length > 0)
      throw new UserError(
        `${where(image)}: the image "${image.name}" could be ${[fileName, ...others].map((name) => `"${name}"`).join(" or ")}; add its folder`,
      );
    const before = entriesOf.get(fileName);
    if (before === undefined) entriesOf.set(fileName, [image]);
    else {
      requireSame(before[0], image, fileName);
      before.push(image);
      repeated.push(image);
    }
  }
  const sourceOf = new Map([...entriesOf].map(([fileName, entries]) => [fileName, mergedImage(entries)]));
  for (const fileName of sourceOf.keys()) unlabelled.delete(fileName);
  return { sourceOf, missing, unlabelled, repeated };
}

function requireSame(first: SourceImage, image: SourceImage, fileName: string): void {
  const before = () => (first.file === image.file ? `line ${first.line}` : where(first));
  const [name, other] = [image, first].map(({ name, fullName = name }) => fullName);
  if (normalPath(name) !== normalPath(other))
    throw new UserError(
      `${where(image)}: "${name}" and ${before()}'s "${other}" both refer to the image "${fileName}"; keep one of them`,
    );
  for (const key of ["group", "split", "mpp", "size"] as const) {
    const [a, b] = [first, image].map((entry) => shown(entry, key));
    if (a !== b)
      throw new UserError(`${where(image)}: the image "${image.name}" ${b}, but in ${before()} it ${a}; make them equal`);
  }
}

const NOUNS = { group: "group", split: "split", mpp: "pixel size" };

function shown(image: SourceImage, key: "group" | "split" | "mpp" | "size"): string {
  const { [key]: value, size } = image;
  if (key === "size") return size === undefined ? "has no size" : `is ${size.width}×${size.height} pixels`;
  if (value === undefined) return `has no ${NOUNS[key]}`;
  return key === "mpp" ? `has pixels of ${value} µm` : `has the ${NOUNS[key]} "${value}"`;
}
