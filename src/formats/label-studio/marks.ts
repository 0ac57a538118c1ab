// Converts the results of a Label Studio annotation (https://labelstud.io/guide/task_format) to marks. Coordinates are percentages
// of the image's original size, angles are in degrees, clockwise.

import type { ImageSize } from "../../data/image-file.ts";
import { isObject } from "../../files/json/value.ts";
import { rectangleRing } from "../../geometry/region.ts";
import { ellipseRing, micros, rotateRing } from "../../geometry/rotated-ring.ts";
import type { FaultyMarks } from "../faulty-marks.ts";
import type { JsonCursor } from "../json-cursor.ts";
import { JsonMark, jsonUnread } from "../json-mark.ts";
import { decodeBrush } from "../masks/label-studio-rle.ts";
import { maskBounds } from "../masks/runs.ts";
import type { SkippedKinds } from "../skipped-kinds.ts";
import type { Mark, Place, SourceImage, UnreadMark } from "../source.ts";

/**
 * The marks, what could not be read, and the size their image had. Throws a UserError with file and line as `readLabelStudio` does.
 */
export function labelStudioMarks(
  results: readonly JsonCursor[],
  { skipped, faulty }: { readonly skipped: SkippedKinds; readonly faulty: FaultyMarks },
): Pick<SourceImage, "marks" | "unread" | "faulty" | "size"> {
  const labels = labelsById(results);
  const marks: Mark[] = [];
  const unread: UnreadMark[] = [];
  let first = undefined as { readonly image: unknown; readonly size: ImageSize } | undefined;
  let left = 0;
  for (const result of results) if (faulty.isFaulty(() => readResult(result))) left++;
  return {
    marks,
    ...(unread.length === 0 ? {} : { unread }),
    ...(left === 0 ? {} : { faulty: left }),
    ...(first === undefined ? {} : { size: first.size }),
  };

  function readResult(result: JsonCursor): void {
    const type = result.at("type").text();
    if (type === LABELS) return;
    const shape = SHAPES.find((shape) => type === shape || type === shape + LABELS);
    if (shape === undefined) {
      if (NOT_MARKS.has(type) || !result.at("original_width").exists) skipped.add(type);
      else unread.push(jsonUnread(result.place, { kind: type, ...placeOfUnread(result) }));
      return;
    }
    const size = sizeOf(result);
    const image = result.at("to_name");
    first ??= { image: image.value, size };
    if (image.value !== first.image)
      throw image.fault(`the task has several images, but only one per task can be imported; split the task`);
    const place = placeOf(shape, result.at("value"), size);
    const label = firstLabel(result, type) ?? labels.get(result.at("id").value) ?? null;
    if (place === null) unread.push(jsonUnread(result.place, { kind: type }));
    else marks.push(new JsonMark(result.place, { place, label }));
  }
}

const SHAPES = ["keypoint", "rectangle", "ellipse", "polygon", "brush"] as const;
const LABELS = "labels";

/** Answers about the whole image or about a shape, which repeat the shape's place. */
const NOT_MARKS: ReadonlySet<string> = new Set([
  "choices",
  "rating",
  "textarea",
  "number",
  "taxonomy",
  "datetime",
  "pairwise",
  "ranker",
  "relation",
]);

/** When labels are a separate control, a shape's label is a second result with the same id. */
function labelsById(results: readonly JsonCursor[]): Map<unknown, string | null> {
  const labels = results.filter((result) => result.at("type").value === LABELS);
  return new Map(labels.map((result) => [result.at("id").value, firstLabel(result, LABELS)]));
}

function firstLabel(result: JsonCursor, key: string): string | null {
  const labels = result.at("value").at(key);
  const [label] = labels.exists ? labels.items() : [];
  return label?.text() ?? null;
}

function sizeOf(result: JsonCursor): ImageSize {
  const turned = result.at("image_rotation");
  if (turned.exists && turned.number() % 360 !== 0)
    throw turned.fault(`the image was turned by ${turned.value} degrees for annotation; turn it back in Label Studio`);
  const [width, height] = ["original_width", "original_height"].map((key) => {
    const side = result.at(key);
    if (side.number() <= 0) throw side.fault(`expected more than 0 pixels, got ${side.value}`);
    return side.number();
  });
  return { width, height };
}

/** Null when the place of a result on the image has no points. */
function placeOfUnread(result: JsonCursor): { place?: Place } {
  const points = result.at("value").at("points");
  const vertices = points.exists ? points : result.at("value").at("vertices");
  if (!Array.isArray(vertices.value)) return {};
  const { width, height } = sizeOf(result);
  const ring = vertices.items().flatMap((vertex) => {
    const [x, y] = Array.isArray(vertex.value) ? vertex.value : [vertex.at("x").value, vertex.at("y").value];
    return [(Number(x) * width) / 100, (Number(y) * height) / 100];
  });
  return ring.length > 0 && ring.every(Number.isFinite) ? { place: { kind: "outline", rings: [ring] } } : {};
}

/** The box around the pixels of a brush's mask; null when it cannot be decoded. */
function brushPlace(value: JsonCursor, size: ImageSize): Place | null {
  const { format, rle } = isObject(value.value) ? value.value : {};
  const mask = format === "rle" && Array.isArray(rle) ? decodeBrush(rle, size) : null;
  return mask && { kind: "box", box: maskBounds(mask) ?? [0, 0, 0, 0] }; // without area, so that it is refused as such
}

function placeOf(shape: (typeof SHAPES)[number], value: JsonCursor, { width, height }: ImageSize): Place | null {
  if (shape === "brush") return brushPlace(value, { width, height });
  const across = (part: JsonCursor) => micros((part.number() * width) / 100);
  const down = (part: JsonCursor) => micros((part.number() * height) / 100);
  if (shape === "polygon") {
    const ring = value
      .at("points")
      .items()
      .flatMap((point) => [across(point.at(0)), down(point.at(1))]);
    return { kind: "outline", rings: [ring] };
  }
  const [x, y] = [across(value.at("x")), down(value.at("y"))];
  if (shape === "keypoint") return { kind: "point", x, y };
  const degrees = value.at("rotation").exists ? value.at("rotation").number() : 0;
  if (shape === "ellipse") {
    const [rx, ry] = [across(value.at("radiusX")), down(value.at("radiusY"))];
    return { kind: "outline", rings: [ellipseRing({ x, y, rx, ry, degrees })] };
  }
  const [right, bottom] = [micros(x + across(value.at("width"))), micros(y + down(value.at("height")))];
  if (degrees === 0) return { kind: "box", box: [x, y, right, bottom] };
  return { kind: "outline", rings: [rotateRing(rectangleRing(x, y, right, bottom), { x, y, degrees })] };
}
