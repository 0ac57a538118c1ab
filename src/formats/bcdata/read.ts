// BCData (Huang et al., MICCAI 2020): 640×640 fields of Ki-67 in which every tumour cell is marked as positive or negative.
// images/{train,validation,test}/N.png and annotations/{train,validation,test}/{positive,negative}/N.h5, HDF5 files with the
// dataset `coordinates`, [n, 2] whole numbers (x, y) in pixels; n may be 0. Every split has its own numbering.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Dataset, File as Hdf5File } from "h5wasm/node";
import { UserError } from "../../errors.ts";
import { withoutExtension } from "../../files/file-name-index.ts";
import { filesBelow } from "../../files/files-below.ts";
import { requireOrdinaryFile } from "../../files/ordinary-file.ts";
import type { Mark, Source, SourceImage, SourceOptions } from "../source.ts";

/** BCData's folders, and the split that their images are imported into. */
const SPLITS = { train: "train", validation: "train", test: "test" } as const;
const LABELS = ["positive", "negative"] as const;

type Hdf5 = typeof import("h5wasm/node").default;

/**
 * Reads `annotations`, BCData's folder of that name or its parent. Positive and negative are two kinds of cells, not cells and
 * hard negatives. Validation images become training images. Throws a UserError with the file when one is missing, not HDF5,
 * compressed more than once, or without [n, 2] finite coordinates of at most 10000 cells; also when there is no split.
 */
export async function readBcdata({ annotations }: SourceOptions): Promise<Source> {
  const inside = join(annotations, "annotations");
  const root = existsSync(inside) ? inside : annotations;
  const found = Object.keys(SPLITS).filter((split) => existsSync(join(root, split))) as (keyof typeof SPLITS)[];
  if (found.length === 0)
    throw new UserError(`${root}: has none of the folders train, validation and test; pass BCData's folder "annotations"`);
  const hdf5 = await openHdf5();
  const images = found.flatMap((split) =>
    namesOf(join(root, split)).map((name): SourceImage => {
      const folder = join(root, split);
      return {
        name: `${split}/${name}`,
        marks: LABELS.flatMap((label) => readMarks(hdf5, join(folder, label, `${name}.h5`), label)),
        file: join(folder, LABELS[0], `${name}.h5`),
        line: 0,
        split: SPLITS[split],
      };
    }),
  );
  const validation = images.filter(({ name }) => name.startsWith("validation/")).length;
  return { images, notes: validation === 0 ? [] : [`${validation} validation images became training images`] };
}

/** The names of all images with a file of either kind, in order of their numbers. */
function namesOf(folder: string): string[] {
  const names = LABELS.flatMap((label) => filesBelow(join(folder, label), { extensions: [".h5"], noun: "annotations" }));
  return [...new Set(names.map(withoutExtension))].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
}

/**
 * Loads 4 MB of WebAssembly, only when it is needed. Errors in a file become exceptions. The module's messages on stderr
 * (about text that is not UTF-8, about memory) are suppressed: it captures console.error while loading.
 */
async function openHdf5(): Promise<Hdf5> {
  const { error } = console;
  console.error = () => {};
  try {
    const { default: hdf5 } = await import("h5wasm/node");
    (await hdf5.ready).activate_throwing_error_handler();
    return hdf5;
  } finally {
    console.error = error;
  }
}

const DATASET = "coordinates";
const MOST_ROWS = 10_000; // the densest fields of 640×640 pixels have a few hundred cells
const MOST_BYTES = 256 << 10; // per file; a larger one could exhaust memory when decompressed

function readMarks(hdf5: Hdf5, path: string, label: string): Mark[] {
  if (!existsSync(path))
    throw new UserError(`${path}: is missing; an image without ${label} cells has an empty file; unpack the archive again`);
  const { size } = requireOrdinaryFile(path, "an HDF5 file");
  if (size > MOST_BYTES)
    throw new UserError(`${path}: has ${size} bytes, too many for the cells of one field; use the original file of BCData`);
  let file: Hdf5File | undefined;
  try {
    file = new hdf5.File(path, "r");
    return pairs(hdf5, file, path).map(([x, y]) => ({ place: { kind: "point", x, y }, label, file: path, line: 0 }));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: is damaged or not an HDF5 file: ${lastCause(error)}; unpack the archive again`);
  } finally {
    file?.close();
  }
}

function pairs(hdf5: Hdf5, file: Hdf5File, path: string): [number, number][] {
  const entity = file.get(DATASET);
  if (!(entity instanceof hdf5.Dataset)) {
    const keys = file.keys().map((key) => `"${key}"`);
    throw new UserError(
      `${path}: has no dataset "${DATASET}" (it has: ${keys.join(", ") || "nothing"}); use the original file of BCData`,
    );
  }
  const { shape, filters } = entity;
  if (filters.filter(({ id }) => id !== SHUFFLE && id !== FLETCHER32).length > 1)
    throw new UserError(
      `${path}: "${DATASET}" is compressed more than once, so a small file may unpack to any size; use the original file of BCData`,
    );
  if (shape?.includes(0)) return []; // [0, 2], or [0] from a list without items
  const values = isSmall(entity) && ArrayBuffer.isView(entity.value) ? entity.value : null;
  const numbers = values === null ? null : Array.from(values as ArrayLike<number | bigint>, Number);
  if (numbers === null || !numbers.every(Number.isFinite))
    throw new UserError(
      `${path}: "${DATASET}" must be at most ${MOST_ROWS} rows of two finite numbers, x and y, but has the shape [${shape?.join(", ") ?? ""}]; correct the file`,
    );
  return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);
}

/** Judged by its header, before anything is decompressed. */
function isSmall({ metadata }: Dataset): boolean {
  const { shape, chunks, size, type } = metadata;
  const values = [shape, chunks ?? []].map((sides) => sides?.reduce((product, side) => product * side, 1) ?? Infinity);
  return shape?.length === 2 && shape[1] === 2 && size <= 8 && NUMBER_TYPES.has(type) && Math.max(...values) <= 2 * MOST_ROWS;
}

const NUMBER_TYPES = new Set([0, 1]); // H5T_INTEGER, H5T_FLOAT
const [SHUFFLE, FLETCHER32] = [2, 3]; // the filters that do not compress

/** The innermost cause in HDF5's list: "  #006: H5Fsuper.c line 388 in H5F__super_read(): file signature not found". */
function lastCause(error: unknown): string {
  const causes = [...String(error).matchAll(/^ *#\d+: .*?\(\): (.*)$/gm)];
  return causes.at(-1)?.[1] ?? "it cannot be read";
}
