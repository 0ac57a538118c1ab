// MIDOG 2021, 2022 and MIDOG++ (https://github.com/DeepMicroscopy/MIDOGpp, databases/MIDOG++.json): JSON with COCO's lists, but
// `bbox` is [x1, y1, x2, y2], 50×50 pixels around each cell, instead of COCO's [x, y, width, height].

import { type CocoRow, cocoRows, requireObject } from "../../data/coco/row.ts";
import { type JsonFile, readJsonFile } from "../../files/json/file.ts";
import { shown } from "../../files/json/value.ts";
import type { Box } from "../../geometry/box.ts";
import { pixelFault, pixelFaultText } from "../../geometry/pixels.ts";
import { idOf, idsByLabel, listed, referredTo } from "../coco/ids.ts";
import { JsonMark } from "../json-mark.ts";
import type { Mark, Source, SourceImage, SourceOptions } from "../source.ts";

export interface MidogOptions extends SourceOptions {
  /** What `bbox` is; auto (default): corners if every box then has an area and most are 50 wide, otherwise an error. */
  readonly boxes?: "auto" | "corners" | "xywh";
}

/**
 * Reads `annotations`, a MIDOG file. Categories named "not …", "non…" or "hard …" are hard negatives. Images without annotations are
 * unlabelled: they are those of MIDOG 2021's fourth scanner (151 to 200), which were never annotated. Each image is one
 * case, and so forms its own group. Throws a UserError with file and line on invalid JSON, missing keys, wrong types, unknown ids,
 * empty boxes, and when `boxes` is auto but the boxes are ambiguous.
 */
export function readMidog({ annotations: file, boxes: form = "auto" }: MidogOptions): Source {
  const json = readJsonFile(file);
  requireObject(json);
  const images = listed(cocoRows(json, "images"), (row) => ({ row, marks: [] as Mark[] }));
  const categories = listed(cocoRows(json, "categories"), (row) => ({ id: idOf(row, "id"), name: row.text("name").trim() }));
  const rows = cocoRows(json, "annotations");
  if (rows.length === 0) throw json.fault(["annotations"], "is empty; use the file of the training set");
  const boxes = rows.map(numbers);
  const fault = pixelFault(boxes);
  if (fault?.fault === "fractions") throw rows[fault.first].fault("bbox", pixelFaultText(fault));
  const corners = form === "corners" || (form === "auto" && areCorners(boxes, json));
  for (const [i, row] of rows.entries()) {
    const { marks } = referredTo(row, "image_id", images, "image");
    const { name } = referredTo(row, "category_id", categories, "category");
    const box = corners ? boxes[i] : row.corners();
    if (!hasArea(box))
      throw row.fault(
        "bbox",
        `${shown(boxes[i])} has no area as ${corners ? "[x1, y1, x2, y2]" : "[x, y, width, height]"}; correct it or pass --corners ${corners ? "xywh" : "corners"}`,
      );
    const { id } = row.fields;
    const ofFile = typeof id === "number" || typeof id === "string" ? { id } : {};
    marks.push(new JsonMark(row, { place: { kind: "box", box }, label: name, ...ofFile }));
  }
  const labelled = [...images.values()].filter(({ marks }) => marks.length > 0);
  const unlabelled = images.size - labelled.length;
  const notes = [
    unlabelled === 0
      ? []
      : `${unlabelled} images without any annotation left out: they are unlabelled, which does not mean free of mitoses`,
    labelled.some(({ row }) => row.has("tumor_type")) ? "the images' tumor_type is not kept" : [],
  ];
  return {
    images: [...images.values()].map(({ row, marks }) => imageOf(file, row, marks)),
    negativeLabels: [...categories.values()].flatMap(({ name }) => (/^(not|non|hard)/i.test(name) ? [name] : [])),
    categoryIds: idsByLabel(categories.values()),
    notes: notes.flat(),
  };
}

const SIDE = 50;

function areCorners(boxes: readonly Box[], json: JsonFile): boolean {
  const isUsual = (from: number, to: number): boolean => Math.abs(Math.abs(to - from) - SIDE) < 0.5;
  const isCorners = ([x1, y1, x2, y2]: Box): boolean => (x1 < x2 && y1 < y2) || (isUsual(x1, x2) && isUsual(y1, y2)); // swapped, as a mouse can draw them
  const usual = boxes.filter((box) => isCorners(box) && isUsual(box[0], box[2])).length;
  if (boxes.every(isCorners) && usual > boxes.length / 2) return true;
  throw json.fault(
    ["annotations"],
    `unclear whether a bbox is [x1, y1, x2, y2] (most would be ${SIDE} wide; ${usual} of ${boxes.length} are) or [x, y, width, height]; choose with --corners`,
  );
}

/** In any order of the corners: the importer puts them in order and counts them. */
const hasArea = ([x1, y1, x2, y2]: Box): boolean => x1 !== x2 && y1 !== y2;

/** The four numbers of `bbox`, in either form. */
function numbers(row: CocoRow): Box {
  const value = row.fields.bbox;
  if (Array.isArray(value) && value.length === 4 && value.every((part) => typeof part === "number" && Math.abs(part) < 1e9))
    return value as unknown as Box;
  throw row.fault("bbox", value === undefined ? "is missing" : `expected four finite numbers of pixels, got ${shown(value)}`);
}

const imageOf = (file: string, row: CocoRow, marks: readonly Mark[]): SourceImage => ({
  name: row.text("file_name"),
  id: idOf(row, "id"),
  marks,
  ...(marks.length === 0 ? { unlabelled: true } : {}),
  file,
  get line() {
    return row.line;
  },
  size: { width: row.side("width"), height: row.side("height") },
});
