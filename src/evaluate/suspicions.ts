// Why so little matches: what other tools write in place of boxes in pixels and of a file's category ids. A reading under which
// far more cells are found is named; nothing is changed.

import type { Box } from "../geometry/box.ts";
import { evaluate } from "./evaluation.ts";
import type { Detection, Truth } from "./pairs.ts";

/** Below this recall the other readings are tried. */
const LOW = 0.5;

const readings: readonly {
  readonly text: string;
  readonly read: (items: readonly Detection[]) => readonly Detection[];
  /** Truths of all categories count as one. */
  readonly anyCategory?: true;
}[] = [
  {
    text: "its boxes look like [x1, y1, x2, y2]; write [x, y, width, height]",
    read: (items) => items.map((item) => ({ ...item, box: [item.box[0], item.box[1], ...sidesOf(item.box)] as Box })),
  },
  {
    text: "its boxes look like [centre x, centre y, width, height]; write the left top corner in place of the centre",
    read: (items) =>
      items.map((item) => {
        const [w, h] = sidesOf(item.box);
        const [x, y] = [item.box[0] - w / 2, item.box[1] - h / 2];
        return { ...item, box: [x, y, x + w, y + h] as Box };
      }),
  },
  {
    text: "its boxes are on cells of other categories; check that its category ids are those of the annotations, for instance not counted from 0",
    read: (items) => items.map((item) => ({ ...item, categoryId: 0 })),
    anyCategory: true,
  },
];

const sidesOf = ([x1, y1, x2, y2]: Box): [number, number] => [x2 - x1, y2 - y1];

export interface Suspicion {
  /** What people should check. */
  readonly text: string;
  /** Nothing was found under any reading, not even at an IoU of 0.5: these may be other images. */
  readonly nothing: boolean;
}

/** Null: enough is found, or no other reading explains why not. */
export function suspicion(
  truths: readonly Truth[],
  detections: readonly Detection[],
  { iou = 0.5 }: { readonly iou?: number } = {},
): Suspicion | null {
  if (truths.length === 0 || detections.length === 0) return null;
  const before = found(truths, detections, iou);
  if (before >= LOW) return null;
  const rest = truths.map((truth) => ({ ...truth, categoryId: 0 }));
  for (const { text, read, anyCategory } of readings)
    if (found(anyCategory ? rest : truths, read(detections), iou) > 2 * before + 0.1) return { text, nothing: false };
  if (before > 0) return null;
  return {
    text: "no detection matches a cell; check that its image ids are those of the annotations and its boxes are in pixels of the same images",
    nothing: found(truths, detections, Math.min(iou, LOW)) === 0,
  };
}

/** The part of the cells that some detection overlaps. */
function found(truths: readonly Truth[], detections: readonly Detection[], iou: number): number {
  return evaluate(truths, detections, { iou }).recall;
}
