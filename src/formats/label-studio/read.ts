// JSON export of Label Studio (https://labelstud.io/guide/export#Label-Studio-JSON-format-of-annotated-tasks): tasks with one
// image each and annotations, called "completions" before version 1.0. Rectangles are rotated about their top left corner, ellipses
// about their centre. Predictions are not read.

import { UserError } from "../../errors.ts";
import type { Box } from "../../geometry/box.ts";
import { pixelFault } from "../../geometry/pixels.ts";
import { annotationFiles, ImageNames } from "../annotation-files.ts";
import { FaultyMarks } from "../faulty-marks.ts";
import { JsonCursor, type JsonPlace } from "../json-cursor.ts";
import { boundsOf } from "../marks.ts";
import { SkippedKinds } from "../skipped-kinds.ts";
import { type Source, type SourceImage, type SourceOptions, where } from "../source.ts";
import { labelStudioImage } from "./image.ts";
import { labelStudioMarks } from "./marks.ts";

/**
 * Reads `annotations`, a JSON file or a folder of them. Of a task's annotations the one marked as ground truth counts, otherwise
 * the latest that was not cancelled; images of tasks without one are unlabelled. Key points are points; rectangles are boxes;
 * ellipses, polygons and rotated rectangles are outlines; a brush region is the box around its pixels. Other results on the image,
 * and brush regions that cannot be decoded, are unread marks; choices, ratings and texts are skipped and noted. Of several labels
 * the first counts.
 * Throws a UserError with file and line on invalid JSON, tasks without an image, missing or wrong values, rotated images, and tasks
 * with several images.
 */
export function readLabelStudio({ images: folder, annotations, ...options }: SourceOptions): Source {
  const names = new ImageNames(folder);
  const skipped = new SkippedKinds("shapes on the image");
  const faulty = new FaultyMarks(options);
  const images: SourceImage[] = [];
  let [unlabelled, others] = [0, 0];
  for (const { file } of annotationFiles(annotations, [".json"])) {
    const root = JsonCursor.ofFile(file);
    for (const task of Array.isArray(root.value) ? root.items() : [root]) {
      const named = { ...labelStudioImage(task, names), ...idOf(task) };
      const made = task.at("annotations").exists ? task.at("annotations") : task.at("completions");
      const list = made.exists ? made.items() : [];
      const chosen = choose(list);
      others += list.length - (chosen === null ? 0 : 1);
      if (chosen === null) {
        unlabelled++;
        images.push(imageOf(task.place, { ...named, marks: [], unlabelled: true }));
      } else
        images.push(imageOf(task.place, { ...named, ...labelStudioMarks(chosen.at("result").items(), { skipped, faulty }) }));
    }
  }
  requirePercents(images);
  const notes = [
    unlabelled === 0 ? [] : `left out ${unlabelled} tasks without a valid annotation`,
    others === 0 ? [] : `left out ${others} annotations: cancelled, or replaced by the ground truth or a later one`,
    skipped.notes(),
  ];
  return { images, notes: notes.flat(), ...faulty.report() };
}

/** The task's id, which exports in other formats have too. */
function idOf(task: JsonCursor): Pick<SourceImage, "id"> {
  const { value } = task.at("id");
  return typeof value === "number" || (typeof value === "string" && value !== "") ? { id: value } : {};
}

/** Throws a UserError when most marks are where fractions of the image lie if they are taken for percentages. */
function requirePercents(images: readonly SourceImage[]): void {
  const fault = pixelFault(percents(images));
  if (fault?.fault !== "fractions") return;
  const first = images.flatMap(({ marks }) => marks)[fault.first];
  const others = fault.count === fault.of ? "all others" : `${fault.count - 1} of the ${fault.of - 1} others`;
  throw new UserError(
    `${where(first)}: this mark and ${others} lie between 0 and 1 %, so they are fractions; multiply them by 100`,
  );
}

function* percents(images: readonly SourceImage[]): Generator<Box> {
  for (const { marks, size } of images) {
    const [x, y] = size === undefined ? [1, 1] : [100 / size.width, 100 / size.height];
    for (const { place } of marks) {
      const [x1, y1, x2, y2] = boundsOf(place, 0);
      yield [x1 * x, y1 * y, x2 * x, y2 * y];
    }
  }
}

/** The line is searched for only when an error asks for it. */
const imageOf = (at: JsonPlace, image: Omit<SourceImage, "file" | "line">): SourceImage => ({
  ...image,
  file: at.file,
  get line() {
    return at.line;
  },
});

function choose(annotations: readonly JsonCursor[]): JsonCursor | null {
  const is = (annotation: JsonCursor, ...keys: string[]) => keys.some((key) => annotation.at(key).value === true);
  const valid = annotations.filter((annotation) => !is(annotation, "was_cancelled", "skipped"));
  const truths = valid.filter((annotation) => is(annotation, "ground_truth", "honeypot"));
  return (truths.length > 0 ? truths : valid).reduce<JsonCursor | null>(
    (latest, next) => (latest !== null && timeOf(next) < timeOf(latest) ? latest : next),
    null,
  );
}

/** Milliseconds; completions have seconds. 0 when unknown. */
function timeOf(annotation: JsonCursor): number {
  const { value } = annotation.at(annotation.at("updated_at").exists ? "updated_at" : "created_at");
  return typeof value === "number" ? value * 1000 : typeof value === "string" ? Date.parse(value) || 0 : 0;
}
