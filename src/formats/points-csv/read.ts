// Key points in CSV. (0, 0) is the image's top left corner, (width, height) its bottom right corner. The points of an image need
// not be on consecutive lines.

import { FaultyMarks } from "../faulty-marks.ts";
import type { Mark, Source, SourceImage, SourceOptions } from "../source.ts";
import { readCsvPoints } from "./rows.ts";

/** Reads `annotations`, a file as described in rows.ts. Throws a UserError with file and line as `readCsvPoints` does. */
export function readPointsCsv({ annotations: file, ...options }: SourceOptions): Source {
  const faulty = new FaultyMarks(options);
  const { points, faultyImages, ignoredColumns } = readCsvPoints(file, faulty);
  const images = new Map<string, SourceImage & { marks: Mark[]; faulty?: number }>();
  const imageAt = (name: string, line: number) => {
    let image = images.get(name);
    if (image === undefined) images.set(name, (image = { name, marks: [], file, line }));
    return image;
  };
  for (const { line, image, x, y, label } of points)
    imageAt(image, line).marks.push({ place: { kind: "point", x, y }, label, file, line });
  for (const { image: name, line } of faultyImages) {
    const image = imageAt(name, line);
    image.faulty = (image.faulty ?? 0) + 1;
  }
  const notes = ignoredColumns.length === 0 ? [] : [`not used: columns ${ignoredColumns.map((name) => `"${name}"`).join(", ")}`];
  return { images: [...images.values()], notes, ...faulty.report() };
}
