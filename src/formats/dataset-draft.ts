// The dataset of an import while it grows, image by image. Ids come last: those of the file are kept before others are given out
// (kept-ids.ts).

import type { Annotation, Category, DatasetImage } from "../data/dataset.ts";
import type { Sides } from "../data/working-resolution.ts";
import type { Region } from "../geometry/region.ts";
import { UNLABELLED } from "./categories.ts";
import { keptIds, keptNumbers } from "./kept-ids.ts";
import type { PlacedBox } from "./marks.ts";
import type { SourceId, SourceIds } from "./source.ts";

/** An image with its marks: a file of the folder, or a window of a slide. */
export interface DraftImage extends Sides {
  readonly fileName: string;
  readonly mpp: number | undefined;
  readonly boxes: readonly PlacedBox[];
  readonly regions: readonly Region[];
}

interface Belonging extends Pick<DatasetImage, "group" | "split"> {
  /** The image's ids in the file. */
  readonly id: SourceIds | undefined;
}

export class DatasetDraft {
  readonly #categoryIds: ReadonlyMap<string, number>;
  readonly #images: Omit<DatasetImage, "id">[] = [];
  readonly #imageIds: (SourceIds | undefined)[] = [];
  readonly #annotations: { -readonly [Key in keyof Annotation]: Annotation[Key] }[] = []; // imageId: the image's place in the list
  readonly #annotationIds: (SourceId | undefined)[] = [];

  constructor(categories: readonly Category[]) {
    this.#categoryIds = new Map(categories.map(({ id, name }) => [name, id]));
  }

  add({ boxes, regions, mpp, ...file }: DraftImage, { group, split, id }: Belonging): void {
    const imageId = this.#images.length;
    this.#images.push({
      ...file,
      group,
      split,
      ...(mpp === undefined ? {} : { mpp }),
      ...(regions.length === 0 ? {} : { regions }),
    });
    this.#imageIds.push(id);
    for (const { box, label, id } of boxes) {
      const categoryId = this.#categoryIds.get(label ?? UNLABELLED) as number;
      this.#annotations.push({ id: 0, imageId, categoryId, box, hidden: false });
      this.#annotationIds.push(id);
    }
  }

  /** Once, after the last image. */
  finish(): { readonly images: DatasetImage[]; readonly annotations: Annotation[] } {
    const imageIds = keptIds(this.#imageIds);
    const annotationIds = keptNumbers(this.#annotationIds);
    for (const [i, annotation] of this.#annotations.entries()) {
      annotation.id = annotationIds[i];
      annotation.imageId = imageIds[annotation.imageId].id;
    }
    return {
      images: this.#images.map((image, i): DatasetImage => ({ ...imageIds[i], ...image })),
      annotations: this.#annotations,
    };
  }
}
