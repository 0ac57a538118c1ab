// COCO JSON of any tool (https://cocodataset.org/#format-data). Annotations are cells, or regions if their category or an attribute
// says so or if they are crowds. This project's keys are read too (`group`, `split`, `mpp` and `regions` of an image, `negative` of
// a category); other keys are ignored.

import { readRegions } from "../../data/coco/regions.ts";
import { type CocoRow, cocoRowsOf } from "../../data/coco/row.ts";
import { JsonSections } from "../../files/json/sections.ts";
import { isObject } from "../../files/json/value.ts";
import type { Box } from "../../geometry/box.ts";
import type { RegionKind } from "../../geometry/region.ts";
import { FaultyMarks } from "../faulty-marks.ts";
import { JsonMark, jsonUnread } from "../json-mark.ts";
import { type RegionClasses, regionOfClass } from "../regions.ts";
import type { Mark, Source, SourceId, SourceImage, SourceOptions, UnreadMark } from "../source.ts";
import { idOf, idsByLabel, listed, referredTo } from "./ids.ts";
import { CocoNotes } from "./notes.ts";
import { cellPlaces, regionPlace, unreadMask } from "./place.ts";

/**
 * Reads `annotations`, a COCO file. A cell is where its bbox is or, where that is missing or has no size, where its outline is
 * (polygons or run lengths) or its labelled key points, which are points; where no box has any size, they are points, too. Beside
 * boxes of some size, those of none are unread marks, and so is a cell none of whose key points is labelled. An annotation is a region when its category has the name
 * `completeClass` or `ignoreClass`, when an attribute of that name is true, when any attribute has that name as its value, when
 * its attribute "region" is "complete" or "ignore", or when it is a crowd (`iscrowd`: ignored); its outline is then its polygons or
 * run lengths, or its box if it has none. Run lengths that cannot be read, on annotations without a box, are unread marks. Hidden
 * annotations of a sparsified dataset become visible. Ids may be text. Throws a UserError with file and line on invalid JSON,
 * missing keys, wrong types, unknown ids, and when the boxes must be [x1, y1, x2, y2].
 */
export function readCoco({ annotations: file, dropInvalid, ...classes }: SourceOptions & RegionClasses): Source {
  const faulty = new FaultyMarks({ dropInvalid });
  const json = new JsonSections(file);
  const notes = new CocoNotes();
  const images = listed(cocoRowsOf(json, "images"), (row) => ({
    row,
    marks: [] as Mark[],
    unread: [] as UnreadMark[],
    faulty: 0,
  }));
  const categories = listed(cocoRowsOf(json, "categories"), (row) => {
    return { id: idOf(row, "id"), name: row.text("name"), negative: row.flag("negative") };
  });
  let [zeros, sized] = [0, 0];
  for (const row of cocoRowsOf(json, "annotations")) {
    if (!faulty.isFaulty(() => readAnnotation(row))) continue;
    const image = images.get(String(row.fields.image_id));
    if (image !== undefined) image.faulty++;
  }
  if (zeros > 0 && sized === 0) notes.count("boxes of no size, which are all of the file, are points", zeros);
  const found = [...images.values()].map(({ row, ...read }) => {
    const content = zeros === 0 ? read : sized === 0 ? { ...read, marks: read.marks.map(asPoint) } : withoutPoints(read);
    return imageOf(row, new RowPlace(json, "images", row.index), content, notes);
  });
  const lines = notes.lines();
  json.release();
  return {
    images: found,
    negativeLabels: [...categories.values()].filter(({ negative }) => negative).map(({ name }) => name),
    categoryIds: idsByLabel(categories.values()),
    notes: lines,
    ...faulty.report(),
  };

  function readAnnotation(row: CocoRow): void {
    const { marks, unread, ...image } = referredTo(row, "image_id", images, "image");
    const { name: label } = referredTo(row, "category_id", categories, "category");
    const region = regionOf(row, label, classes);
    const at = new RowPlace(json, "annotations", row.index);
    const { id } = row.fields;
    const mark = { label, ...(region === undefined ? {} : { region }), ...(isId(id) ? { id } : {}) };
    if (row.flag("iscrowd")) notes.count("crowd annotations became regions to ignore");
    if (row.flag("hidden")) notes.count("hidden annotations were imported as visible");
    const sides = sidesOf(image.row);
    if (region !== undefined) {
      const place = regionPlace(row, sides);
      if (place === null) unread.push(jsonUnread(at, { kind: `${unreadMask(row, sides)} of a region` }));
      else marks.push(new JsonMark(at, { ...mark, place }));
      return;
    }
    const { places, unread: unreadable, from, disagrees, spansPoints } = cellPlaces(row, sides);
    if (unreadable !== undefined) unread.push(jsonUnread(at, unreadable));
    for (const place of places) marks.push(new JsonMark(at, { ...mark, place }));
    if (spansPoints)
      notes.count("boxes just span their key points; if each point is a cell, export the points, for instance as points-csv");
    if (from === "outline") notes.count("annotations without a box have the box around their outline");
    if (from === "key points") notes.count("annotations without a box are points");
    const [place] = places;
    if (place?.kind === "box" && isPoint(place.box)) zeros++;
    else if (place?.kind === "box") sized++;
    if (from === undefined && place?.kind === "box" && row.has("segmentation")) notes.compare(at, place.box, disagrees ?? null);
  }
}

/** The place of a row that does not keep the row. */
class RowPlace {
  readonly #json: JsonSections;
  readonly #list: "images" | "annotations";
  readonly #index: number;

  constructor(json: JsonSections, list: "images" | "annotations", index: number) {
    this.#json = json;
    this.#list = list;
    this.#index = index;
  }

  get file(): string {
    return this.#json.file;
  }

  /** The first call for a list scans it. */
  get line(): number {
    return this.#json.lineOfItem([this.#list], this.#index);
  }
}

/** Of no size, but not the zeros that tools write for no box at all. */
const isPoint = ([x1, y1, x2, y2]: Box): boolean => x1 === x2 && y1 === y2 && (x1 !== 0 || y1 !== 0);

const hasNoSize = ({ place, region }: Mark): boolean => region === undefined && place.kind === "box" && isPoint(place.box);

function asPoint(mark: Mark): Mark {
  if (mark.place.kind !== "box" || !hasNoSize(mark)) return mark;
  const [x, y] = mark.place.box;
  return new JsonMark(mark, { ...mark, place: { kind: "point", x, y } });
}

interface Content {
  readonly marks: readonly Mark[];
  readonly unread: readonly UnreadMark[];
  readonly faulty: number;
}

/** Beside boxes that have a size, one without may be a point or a slip: it is a cell of unknown size, and so unread. */
function withoutPoints({ marks, unread, faulty }: Content): Content {
  const slips = marks.filter(hasNoSize).map((mark) => jsonUnread(mark, { kind: "box of no size", place: asPoint(mark).place }));
  return slips.length === 0
    ? { marks, unread, faulty }
    : { marks: marks.filter((mark) => !hasNoSize(mark)), unread: [...unread, ...slips], faulty };
}

const isId = (value: unknown): value is SourceId => typeof value === "number" || typeof value === "string";

const isSplit = (value: unknown): value is "train" | "test" => value === "train" || value === "test";

function sidesOf(row: CocoRow) {
  const { width, height } = row.fields;
  return {
    ...(typeof width === "number" && width > 0 ? { width } : {}),
    ...(typeof height === "number" && height > 0 ? { height } : {}),
  };
}

function imageOf(row: CocoRow, at: RowPlace, { marks, unread, faulty }: Content, notes: CocoNotes): SourceImage {
  const { group, split } = row.fields;
  if (typeof split === "string" && !isSplit(split)) notes.count(`images of the split "${split}" became training images`);
  const mpp = row.mpp();
  const regions = (readRegions(row) ?? []).map(
    ({ kind, rings }) => new JsonMark(at, { label: null, place: { kind: "outline", rings }, region: kind }),
  );
  return {
    name: row.text("file_name"),
    id: idOf(row, "id"),
    marks: regions.length === 0 ? marks : [...marks, ...regions],
    ...(unread.length === 0 ? {} : { unread }),
    ...(faulty === 0 ? {} : { faulty }),
    file: at.file,
    get line() {
      return at.line;
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
