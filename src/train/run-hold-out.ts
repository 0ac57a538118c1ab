// What a run holds out: chosen when it begins, recorded, and the same when it is resumed.

import { type Dataset, imagesOf, visibleCells } from "../data/dataset.ts";
import { chooseHeldOut, type HeldOut, type HoldOut, LEAST_HELD_OUT, withHeldOut } from "../data/hold-out.ts";
import { centre } from "../geometry/box.ts";
import { regionAt } from "../geometry/region.ts";
import type { TrainConfig } from "../settings/training.ts";

/** For the record of a new run; nothing where nothing is held out. */
export function heldOutRecord(dataset: Dataset, { holdOut, seed }: TrainConfig): { readonly heldOut?: HeldOut } {
  const held = holdOut > 0 ? chooseHeldOut(dataset, { part: holdOut, seed }) : null;
  return held !== null && hasTrainableMark(withHeldOut(dataset, held).training) ? { heldOut: held } : {};
}

/** What a run with this record holds out; null where that is nothing, or no longer in the dataset. */
export function holdOutOf(
  dataset: Dataset,
  { config, heldOut }: { readonly config: TrainConfig; readonly heldOut?: HeldOut },
  onNote: (line: string) => void,
): HoldOut | null {
  if (config.holdOut === 0) return null;
  const all = visibleCells(dataset).length;
  const holdOut = heldOut && withHeldOut(dataset, heldOut);
  if (!holdOut || holdOut.marks.length === 0) {
    onNote(
      `nothing is held out: ${config.holdOut} of ${all} annotations are too few (expected at least ${LEAST_HELD_OUT}), so the training cannot measure itself; it learns from all of them`,
    );
    return null;
  }
  const part = `held out to measure on: ${holdOut.marks.length} of ${all} annotations`;
  onNote(
    "images" in (heldOut as HeldOut)
      ? `${part}, all those on ${holdOut.images.length} of ${imagesOf(dataset, "train").length} images`
      : `${part}; training ignores their places`,
  );
  return holdOut;
}

/** Whether a visible cell counts in training. */
export function hasTrainableMark(dataset: Dataset): boolean {
  const regions = new Map(dataset.images.map((image) => [image.id, image.regions]));
  return visibleCells(dataset).some(({ imageId, box }) => regionAt(regions.get(imageId), ...centre(box)) !== "ignore");
}
