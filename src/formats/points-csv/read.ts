// Key points in CSV. (0, 0) is the image's top left corner, (width, height) its bottom right corner. The points of an image need
// not be on consecutive lines.

import type { Mark, Source, SourceImage, SourceOptions } from "../source.ts";
import { readCsvPoints } from "./rows.ts";

/** Reads `annotations`, a file as described in rows.ts. Throws a UserError with file and line as `readCsvPoints` does. */
export function readPointsCsv({ annotations: file }: SourceOptions): Source {
  const { points, ignoredColumns } = readCsvPoints(file);
  const images = new Map<string, SourceImage & { marks: Mark[] }>();
  for (const { line, image: name, x, y, label } of points) {
    let image = images.get(name);
    if (image === undefined) images.set(name, (image = { name, marks: [], file, line }));
    image.marks.push({ place: { kind: "point", x, y }, label, file, line });
  }
  const notes = ignoredColumns.length === 0 ? [] : [`not used: columns ${ignoredColumns.map((name) => `"${name}"`).join(", ")}`];
  return { images: [...images.values()], notes };
}
