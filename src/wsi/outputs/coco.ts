// COCO JSON, as `predict` writes it for images: one image, the slide.

import { cocoBox, cocoText } from "../../data/coco/text.ts";
import { boxAt } from "../../geometry/rows.ts";
import type { Cells } from "../detect-slide.ts";
import { type CellOutput, millionths } from "./output.ts";

export const coco: CellOutput = {
  extension: ".json",
  what: "COCO JSON with scores",
  write: ({ name, width, height, classes, badTiles }, parts) =>
    cocoText({
      images: [{ id: 1, file_name: name, width, height, ...(badTiles.length === 0 ? {} : { bad_tiles: badTiles }) }],
      categories: classes.map((name, i) => ({ id: i + 1, name })),
      annotations: annotations(parts),
    }),
};

function* annotations(parts: Iterable<Cells>): Generator<object> {
  let id = 0;
  for (const { boxes, scores, labels } of parts)
    for (const [k, score] of scores.entries())
      yield { id: ++id, image_id: 1, category_id: labels[k], ...cocoBox(boxAt(boxes, k)), score: millionths(score) };
}
