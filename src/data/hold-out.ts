// Marks that a training does not see, so that it can be measured on them. Only visible annotations are held out: what `sparsify`
// has hidden is never looked at.
//
// Whole images are held out where enough of them have marks, and whole groups where there are enough of those, so that patches of
// one slide stay together. Otherwise single marks are held out; their places are then ignored in training, for a cell that is held
// out is not background.

import { centre } from "../geometry/box.ts";
import { type Region, rectangleRing, regionAt } from "../geometry/region.ts";
import { grouped } from "../grouped.ts";
import { Random } from "../random.ts";
import { type Annotation, type Dataset, type DatasetImage, imagesOf, visibleCells } from "./dataset.ts";

/** What is held out, as a run records it: file names of images, or ids of annotations. */
export type HeldOut = { readonly images: readonly string[] } | { readonly annotations: readonly number[] };

export interface HoldOut {
  /** The dataset as training sees it. */
  readonly training: Dataset;
  /** The images that have held-out marks, or are held out. */
  readonly images: readonly DatasetImage[];
  /** The held-out marks. */
  readonly marks: readonly Annotation[];
  /** Marks on the same images that training sees. */
  readonly seen: readonly Annotation[];
}

/** With fewer images that have marks, marks are held out in place of images. */
const LEAST_IMAGES = 8;
/** With fewer groups that have marks, images are held out in place of groups. */
const LEAST_GROUPS = 4;
/** Fewer held-out marks would measure nothing. */
export const LEAST_HELD_OUT = 5;

/**
 * Chooses about `part` of the visible cells on training images. Null when that are fewer than 5. Every class that has visible
 * cells keeps at least one for training. The same seed chooses the same.
 */
export function chooseHeldOut(
  dataset: Dataset,
  { part, seed }: { readonly part: number; readonly seed: number },
): HeldOut | null {
  const images = imagesOf(dataset, "train");
  const marks = judgedMarks(dataset);
  const wanted = Math.round(part * marks.length);
  if (wanted < LEAST_HELD_OUT) return null;
  const random = new Random(seed, 1); // streams of a training: even ones order images, odd ones from 3 on are steps
  const byImage = grouped(marks, ({ imageId }) => imageId);
  if (byImage.size < LEAST_IMAGES) {
    const single = random.shuffled(marks).map((mark) => ({ name: mark.id, marks: [mark] }));
    const annotations = chosen(single, marks, wanted).sort((a, b) => a - b);
    return annotations.length < LEAST_HELD_OUT ? null : { annotations };
  }
  const groups = new Set(images.filter(({ id }) => byImage.has(id)).map(({ group }) => group)).size;
  const unitOf = ({ group, fileName }: DatasetImage): string => (groups < LEAST_GROUPS ? fileName : group);
  const units = [...grouped(images, unitOf)].map(([name, members]) => ({
    name,
    marks: members.flatMap(({ id }) => byImage.get(id) ?? []),
  }));
  const names = new Set(chosen(random.shuffled(units), marks, wanted));
  const held = images.filter((image) => names.has(unitOf(image)));
  return held.length === 0 ? null : { images: held.map(({ fileName }) => fileName) };
}

/** The two sides of a dataset. What is no longer in the dataset is left out. */
export function withHeldOut(dataset: Dataset, held: HeldOut): HoldOut {
  const visible = visibleCells(dataset);
  const isJudged = judgedBy(dataset);
  if ("images" in held) {
    const names = new Set(held.images);
    const images = imagesOf(dataset, "train").filter(({ fileName }) => names.has(fileName));
    const ids = new Set(images.map(({ id }) => id));
    const training = {
      ...dataset,
      images: dataset.images.filter(({ id }) => !ids.has(id)),
      annotations: dataset.annotations.filter(({ imageId }) => !ids.has(imageId)),
    };
    return { training, images, marks: visible.filter((mark) => ids.has(mark.imageId) && isJudged(mark)), seen: [] };
  }
  const ids = new Set(held.annotations);
  const marks = visible.filter(({ id }) => ids.has(id));
  const byImage = grouped(marks, ({ imageId }) => imageId);
  const training = {
    ...dataset,
    images: dataset.images.map((image) => {
      const places = (byImage.get(image.id) ?? []).map(placeOf);
      return places.length === 0 ? image : { ...image, regions: [...(image.regions ?? []), ...places] };
    }),
    annotations: dataset.annotations.filter((annotation) => !marks.includes(annotation)),
  };
  const seen = visible.filter((mark) => byImage.has(mark.imageId) && !ids.has(mark.id) && isJudged(mark));
  return { training, images: dataset.images.filter(({ id }) => byImage.has(id)), marks, seen };
}

interface Unit<Name> {
  readonly name: Name;
  readonly marks: readonly Annotation[];
}

/** Units in their order until they have `wanted` marks; those that have far too many are passed over, so long as others do. */
function chosen<Name>(units: readonly Unit<Name>[], marks: readonly Annotation[], wanted: number): Name[] {
  const left = new Map([...grouped(marks, ({ categoryId }) => categoryId)].map(([id, { length }]) => [id, length]));
  const names: Name[] = [];
  let held = 0;
  const take = (unit: Unit<Name>): void => {
    const counts = grouped(unit.marks, ({ categoryId }) => categoryId);
    if ([...counts].some(([id, { length }]) => (left.get(id) as number) <= length)) return;
    for (const [id, { length }] of counts) left.set(id, (left.get(id) as number) - length);
    names.push(unit.name);
    held += unit.marks.length;
  };
  for (const unit of units) if (held < wanted && held + unit.marks.length <= MOST_OVER * wanted) take(unit);
  if (held > 0) return names;
  for (const unit of units
    .filter((unit) => unit.marks.length > 0)
    .sort((a, b) => a.marks.length - b.marks.length)
    .slice(0, 1))
    if (unit.marks.length <= marks.length / 2) take(unit);
  return held > 0 ? names : [];
}

const MOST_OVER = 1.5;

const placeOf = ({ box }: Annotation): Region => ({ kind: "ignore", rings: [rectangleRing(...box)] });

/** Visible cells that count: those in regions to ignore take part in nothing. */
const judgedMarks = (dataset: Dataset): Annotation[] => visibleCells(dataset).filter(judgedBy(dataset));

function judgedBy({ images }: Dataset): (mark: Annotation) => boolean {
  const regions = new Map(images.map((image) => [image.id, image.regions]));
  return ({ imageId, box }) => regionAt(regions.get(imageId), ...centre(box)) !== "ignore";
}
