// What a training found out about its annotations, in the model file's metadata: the part of the cells that is marked.

import { UserError } from "../errors.ts";
import { numberIn, objectOf } from "../files/json/shape.ts";
import type { Estimate } from "../methods/calibration.ts";
import { safetensorsMetadata } from "./weights.ts";

export const completenessKey = "sparsecell.completeness";

const part = numberIn({ least: 0, most: 1 });
const completenessShape = objectOf({ part, low: part, high: part });

/** Null where the training counted nothing. Throws a UserError when the record is damaged. */
export function completenessIn(file: string): Estimate | null {
  const text = safetensorsMetadata(file)[completenessKey];
  if (text === undefined) return null;
  try {
    const value = JSON.parse(text);
    if (completenessShape(value) === null) return value;
  } catch {}
  throw new UserError(`${file}: its record of how many cells are marked is damaged; train again`);
}
