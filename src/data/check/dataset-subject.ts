// A dataset as `data check` examines it, also one that is too damaged to be read otherwise: what cannot be read is an oddity.

import { UserError } from "../../errors.ts";
import { withoutExtension } from "../../files/file-name-index.ts";
import { readJsonFile } from "../../files/json/file.ts";
import { readPixels } from "../coco/pixels.ts";
import { readRegions } from "../coco/regions.ts";
import { type CocoRow, cocoRows, requireObject } from "../coco/row.ts";
import type { Dataset } from "../dataset.ts";
import { annotationsPath } from "../dataset-folder.ts";
import { at, type Oddity, type Subject, type SubjectImage, type SubjectMark } from "./subject.ts";

/** The dataset in `dir`. Throws a UserError when its annotations.json is not JSON or lacks a list. */
export function readSubject(dir: string): Subject {
  const json = readJsonFile(annotationsPath(dir));
  requireObject(json);
  const faults: Oddity[] = [];
  const labels = new Map<unknown, string>();
  for (const row of cocoRows(json, "categories")) tried(row, () => labels.set(row.integer("id"), row.text("name")));
  const images = new Map<number, SubjectImage & { marks: SubjectMark[] }>();
  for (const row of cocoRows(json, "images"))
    tried(row, () => {
      const id = row.integer("id");
      if (images.has(id)) throw row.fault("id", `${id} is already the id of another one; ids must differ`);
      images.set(id, imageOf(row));
    });
  for (const row of cocoRows(json, "annotations"))
    tried(row, () => {
      const [imageId, categoryId] = [row.integer("image_id"), row.integer("category_id")];
      const [image, label] = [images.get(imageId), labels.get(categoryId)];
      if (image === undefined) throw row.fault("image_id", `unknown image id ${imageId}`);
      if (label === undefined) throw row.fault("category_id", `unknown category id ${categoryId}`);
      image.marks.push(new RowMark(row, label));
    });
  return { images: [...images.values()], faults };

  function tried(row: CocoRow, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const [where, ...message] = error.message.split(": "); // "file:line: key: what"
      faults.push(at(row, message.length === 0 ? where : message.join(": ")));
    }
  }
}

class RowMark implements SubjectMark {
  readonly box: SubjectMark["box"];
  readonly hidden: boolean;
  readonly label: string;
  readonly #row: CocoRow;

  constructor(row: CocoRow, label: string) {
    this.box = row.corners();
    this.hidden = row.flag("hidden");
    this.label = label;
    this.#row = row;
  }
  get file(): string {
    return this.#row.file;
  }
  get line(): number {
    return this.#row.line;
  }
}

function imageOf(row: CocoRow): SubjectImage & { marks: SubjectMark[] } {
  const name = row.text("file_name");
  return {
    name,
    size: { width: row.side("width"), height: row.side("height") },
    group: row.has("group") ? row.text("group") : withoutExtension(name),
    split: row.fields.split === "test" ? "test" : "train",
    regions: readRegions(row) ?? [],
    ...readPixels(row),
    marks: [],
    picture: null,
    file: row.file,
    get line() {
      return row.line;
    },
  };
}

/**
 * A dataset in memory; `file` is where it is written, a row a line. An image's marks are made each time they are asked for, so
 * that those of a large dataset are never all there.
 */
export function datasetSubject({ images, annotations, categories }: Dataset, file: string): Subject {
  const labels = new Map(categories.map(({ id, name }) => [id, name]));
  const places = new Map<number, number[]>(images.map(({ id }) => [id, []]));
  for (const [i, { imageId }] of annotations.entries()) places.get(imageId)?.push(i);
  const before = images.length === 0 ? 3 : 4 + images.length; // the lines above the first annotation
  const markAt = (i: number): SubjectMark => {
    const { categoryId, box, hidden } = annotations[i];
    return { box, hidden, label: labels.get(categoryId) as string, file, line: before + i + 1 };
  };
  return {
    images: images.map(({ id, fileName: name, width, height, group, split, regions = [], pixels }, i) => ({
      name,
      size: { width, height },
      group,
      split,
      regions,
      pixels,
      get marks() {
        return (places.get(id) as number[]).map(markAt);
      },
      picture: null,
      file,
      line: 3 + i, // after { and the list's key
    })),
    faults: [],
  };
}
