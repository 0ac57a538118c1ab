// Converts the results of a Label Studio annotation (https://labelstud.io/guide/task_format) to marks. Coordinates are percentages
// of the image's original size, angles are in degrees, clockwise.

import type { ImageSize } from "../../data/image-file.ts";
import { rectangleRing } from "../../geometry/region.ts";
import { ellipseRing, micros, rotateRing } from "../../geometry/rotated-ring.ts";
import type { JsonCursor } from "../json-cursor.ts";
import { JsonMark } from "../json-mark.ts";
import type { SkippedKinds } from "../skipped-kinds.ts";
import type { Mark, Place, SourceImage } from "../source.ts";

/** The marks, and the size their image had. Throws a UserError with file and line as `readLabelStudio` does. */
export function labelStudioMarks(results: readonly JsonCursor[], skipped: SkippedKinds): Pick<SourceImage, "marks" | "size"> {
  const labels = labelsById(results);
  const marks: Mark[] = [];
  let first: { readonly image: unknown; readonly size: ImageSize } | undefined;
  for (const result of results) {
    const type = result.at("type").text();
    if (type === LABELS) continue;
    const shape = SHAPES.find((shape) => type === shape || type === shape + LABELS);
    if (shape === undefined) {
      skipped.add(type);
      continue;
    }
    const size = sizeOf(result);
    const image = result.at("to_name");
    first ??= { image: image.value, size };
    if (image.value !== first.image)
      throw image.fault(`the task has several images, but only one per task can be imported; split the task`);
    const label = firstLabel(result, type) ?? labels.get(result.at("id").value) ?? null;
    marks.push(new JsonMark(result.place, { place: placeOf(shape, result.at("value"), size), label }));
  }
  return { marks, ...(first === undefined ? {} : { size: first.size }) };
}

const SHAPES = ["keypoint", "rectangle", "ellipse", "polygon"] as const;
const LABELS = "labels";

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

function placeOf(shape: (typeof SHAPES)[number], value: JsonCursor, { width, height }: ImageSize): Place {
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
