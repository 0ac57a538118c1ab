// The files in which the cells of a slide are written, a line each.

import { UserError } from "../../errors.ts";
import { coco } from "./coco.ts";
import { csv } from "./csv.ts";
import { geojson, geojsonGz } from "./geojson.ts";
import type { CellOutput } from "./output.ts";
import { parquet } from "./parquet.ts";

export const outputs: readonly CellOutput[] = [geojsonGz, geojson, csv, parquet, coco];

/** By the end of a file's name; undefined for another. */
export const outputFor = (file: string): CellOutput | undefined =>
  outputs.find(({ extension }) => file.toLowerCase().endsWith(extension));

export function requireOutput(file: string): CellOutput {
  const output = outputFor(file);
  if (output) return output;
  throw new UserError(`${file}: expected a name that ends with ${outputs.map(({ extension }) => extension).join(", ")}`);
}
