// Label masks, as StarDist, Cellpose, QuPath and NuInsSeg have them: a PNG or TIFF of 8, 16 or 32 bits for each image, of its size, in
// which 0 is background and every cell has a number of its own.

import { basename, resolve } from "node:path";
import { type Labels, readLabels } from "../../data/labels.ts";
import { UserError } from "../../errors.ts";
import { FileNameIndex } from "../../files/file-name-index.ts";
import { findImages } from "../../files/image-folder.ts";
import { annotationFiles } from "../annotation-files.ts";
import type { Mark, Source, SourceImage, SourceOptions } from "../source.ts";
import { maskCells } from "./cells.ts";
import { ringsOf } from "./unlabelled.ts";

export interface LabelMaskOptions extends SourceOptions {
  /** What a cell becomes: the box around its pixels (the default), or the point in their middle. */
  readonly cells?: "box" | "centre";
}

/**
 * Reads `annotations`, a mask or a folder of them: "a.png", "a_masks.tif", "a_cp_masks.png" or "a-label.tif" belong to the image
 * "a.*", in a folder such as "masks" beside "images" or among the images themselves. A mask of zeros means that its image has no
 * cells; -1, as StarDist has it, is a region to ignore. Throws a UserError with the file when it cannot be read, is a picture or a mask of classes, and when an image has two.
 */
export async function readLabelMasks({ images: folder, annotations, cells = "box" }: LabelMaskOptions): Promise<Source> {
  const masks = masksOf(folder, annotations);
  const isMask = new Set(masks.map(({ file }) => resolve(file)));
  const paths = findImages(folder).filter((path) => !isMask.has(resolve(folder, path)));
  const index = new FileNameIndex(paths, (path) => path);
  const images: SourceImage[] = [];
  const maskOf = new Map<string, string>();
  let [split, specks, unlabelled] = [0, 0, 0];
  const doubtful: string[] = [];
  for (const { file, stem } of masks) {
    const names = namesOf(stem);
    const name = names.find((name) => index.find(name).length > 0) ?? names[0];
    const [path = name] = index.find(name);
    const other = maskOf.get(path);
    if (other !== undefined)
      throw new UserError(`${file}: is a mask of "${path}", and so is ${other}; pass the folder of one kind of masks`);
    maskOf.set(path, file);
    const labels = await readLabels(file);
    const found = maskCells(file, labels);
    split += found.split;
    specks += found.specks;
    if (found.doubtful !== null) doubtful.push(`${file}: ${found.doubtful}`);
    const marks = found.cells.map(({ box, x, y }): Mark => {
      return { place: cells === "box" ? { kind: "box", box } : { kind: "point", x, y }, label: null, file, line: 0 };
    });
    const unread = unlabelledOf(labels, found.unlabelled);
    if (unread !== undefined) {
      const rings = ringsOf(unread, labels);
      marks.push({ place: { kind: "outline", rings }, label: null, region: "ignore", file, line: 0 });
      unlabelled++;
    }
    images.push({ name, marks, file, line: 0, size: { width: labels.width, height: labels.height } });
  }
  return {
    images,
    notes: [
      ...(split === 0 ? [] : [`${split} numbers are in several places that lie apart: each place became a cell`]),
      ...(specks === 0 ? [] : [`${specks} specks were left out: less than 1/20 of the rest of their number, and apart from it`]),
      ...(unlabelled === 0
        ? []
        : [
            `${unlabelled} masks have pixels of -1, or white in several places, which no one has labelled: regions to ignore cover them`,
          ]),
      ...(doubtful.length === 0
        ? []
        : [
            `${doubtful.length} masks have a cell whose number is white, far from all others (${doubtful[0]}): if no one has labelled it, save it as -1, or as 0`,
          ]),
    ],
  };
}

/** 1 where no one has labelled a pixel: -1, or the number that means the same; undefined without any. */
function unlabelledOf({ data, unlabelled }: Labels, white: number | null): Uint8Array | undefined {
  return white === null ? unlabelled : Uint8Array.from(data, (label, i) => (label === white ? 1 : (unlabelled?.[i] ?? 0)));
}

const WORD = "(?:cp[_-])?(?:masks?|labels?|labell?ed|instances?|inst|seg|segmentation)";
const SUFFIX = new RegExp(`(?<=[^/])[_-]${WORD}$`, "i");
const PREFIX = new RegExp(`(^|/)${WORD}[_-](?=[^/]+$)`, "i");
/** A folder of masks, which has a folder of images beside it: "masks", "labels", "label masks". */
const FOLDER = /(^|.*\/)(?:[^/]*masks?|labels?|gt)(?=\/)/i;

/** Among the images themselves only those named as masks. */
function masksOf(images: string, annotations: string): { file: string; stem: string }[] {
  const masks = annotationFiles(annotations, [".png", ".tif", ".tiff"]);
  if (resolve(images) !== resolve(annotations)) return masks;
  const named = masks.filter(({ stem }) => SUFFIX.test(stem));
  if (named.length === 0)
    throw new UserError(`${annotations}: has no file like NAME_masks.png; rename the masks or move them to a separate folder`);
  return named;
}

/** What the image of a mask may be called, the likeliest first. */
function namesOf(stem: string): string[] {
  const bare = [stem.replace(SUFFIX, ""), stem.replace(PREFIX, "$1"), stem];
  return [...new Set([...bare, ...bare.map((name) => name.replace(FOLDER, "$1images")), ...bare.map((name) => basename(name))])];
}
