// COCO JSON of any tool (https://cocodataset.org/#format-data). Annotations are boxes, or regions if their category or an
// attribute says so or if they are crowds. This project's keys are read too (`group`, `split`, `mpp` and `regions` of an image,
// `negative` of a category); other keys are ignored.

import { readRegions } from "../../data/coco/regions.ts";
import { byId, type CocoRow, cocoRows, referred, requireObject } from "../../data/coco/row.ts";
import { readJsonFile } from "../../files/json/file.ts";
import { isObject, shown } from "../../files/json/value.ts";
import type { RegionKind } from "../../geometry/region.ts";
import { JsonMark } from "../json-mark.ts";
import { type RegionClasses, regionOfClass } from "../regions.ts";
import type { Mark, Place, Source, SourceImage, SourceOptions } from "../source.ts";

/**
 * Reads `annotations`, a COCO file. An annotation is a region when its category has the name `completeClass` or `ignoreClass`,
 * when an attribute of that name is true, when any attribute has that name as its value, when its attribute "region" is
 * "complete" or "ignore", or when it is a crowd (`iscrowd`: ignored); its outline is then its polygons, or its box if it has none.
 * Hidden annotations of a sparsified dataset become visible. Throws a UserError with file and line on invalid JSON, missing keys,
 * wrong types and unknown ids.
 */
export function readCoco({ annotations: file, ...classes }: SourceOptions & RegionClasses): Source {
  const json = readJsonFile(file);
  requireObject(json);
  const otherSplits = new Map<string, number>();
  const images = byId(cocoRows(json, "images"), (row) => {
    const { split } = row.fields;
    if (typeof split === "string" && !isSplit(split)) otherSplits.set(split, (otherSplits.get(split) ?? 0) + 1);
    return { id: row.integer("id"), row, marks: [] as Mark[] };
  });
  const categories = byId(cocoRows(json, "categories"), (row) => {
    return { id: row.integer("id"), name: row.text("name"), negative: row.flag("negative") };
  });
  let [crowds, hidden] = [0, 0];
  for (const row of cocoRows(json, "annotations")) {
    const { marks } = referred(row, "image_id", images, "image");
    const { name } = referred(row, "category_id", categories, "category");
    const region = regionOf(row, name, classes);
    if (row.flag("iscrowd")) crowds++;
    if (row.flag("hidden")) hidden++;
    marks.push(new JsonMark(row, { label: name, place: placeOf(row, region), region }));
  }
  const notes = [
    crowds > 0 ? `${crowds} crowd annotations became regions to ignore` : "",
    hidden > 0 ? `${hidden} hidden annotations were imported as visible` : "",
    ...[...otherSplits].map(([split, count]) => `${count} images of the split "${split}" became training images`),
  ];
  return {
    images: [...images.values()].map(({ row, marks }) => imageOf(file, row, marks)),
    negativeLabels: [...categories.values()].filter(({ negative }) => negative).map(({ name }) => name),
    notes: notes.filter((note) => note !== ""),
  };
}

const isSplit = (value: unknown): value is "train" | "test" => value === "train" || value === "test";

function imageOf(file: string, row: CocoRow, marks: readonly Mark[]): SourceImage {
  const { group, split } = row.fields;
  const mpp = row.mpp();
  const regions = (readRegions(row) ?? []).map(
    ({ kind, rings }) => new JsonMark(row, { label: null, place: { kind: "outline", rings }, region: kind }),
  );
  return {
    name: row.text("file_name"),
    marks: [...marks, ...regions],
    file,
    get line() {
      return row.line;
    },
    ...(row.has("width") && row.has("height") ? { size: { width: row.side("width"), height: row.side("height") } } : {}),
    ...(typeof group === "string" && group !== "" ? { group } : {}),
    ...(isSplit(split) ? { split } : {}),
    ...(mpp === undefined ? {} : { mpp }),
  };
}

function regionOf(row: CocoRow, category: string, classes: RegionClasses): RegionKind | undefined {
  const attributes = isObject(row.fields.attributes) ? row.fields.attributes : {};
  if (attributes.region === "complete" || attributes.region === "ignore") return attributes.region;
  const names = Object.entries(attributes).map(([key, value]) =>
    value === true ? key : typeof value === "string" ? value : null,
  );
  for (const name of [category, ...names]) {
    const kind = regionOfClass(name, classes);
    if (kind !== undefined) return kind;
  }
  return row.flag("iscrowd") ? "ignore" : undefined;
}

/** A region's polygons, [[x0, y0, x1, y1, …], …]; the box of a cell or of a region without polygons. */
function placeOf(row: CocoRow, region: RegionKind | undefined): Place {
  const { segmentation } = row.fields;
  if (region === undefined || !Array.isArray(segmentation) || segmentation.length === 0)
    return { kind: "box", box: row.corners() };
  segmentation.forEach((ring, i) => {
    if (!Array.isArray(ring) || ring.length % 2 === 1 || !ring.every(Number.isFinite))
      throw row.fault(["segmentation", i], `expected [x0, y0, x1, y1, …], finite numbers of pixels, got ${shown(ring)}`);
  });
  return { kind: "outline", rings: segmentation as number[][] };
}
