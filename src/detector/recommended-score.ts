// The score from which a model's detections are best, as its training found it on held-out marks: in the model file's metadata.

import { UserError } from "../errors.ts";
import { wilsonInterval } from "../evaluate/wilson.ts";
import { anyFlag, numberIn, objectOf, optional } from "../files/json/shape.ts";
import { safetensorsMetadata } from "./weights.ts";

export const recommendationKey = "sparsecell.recommended";

export interface Recommendation {
  readonly score: number;
  /** Held-out marks with a detection of that score or more, and all of them. */
  readonly found: number;
  readonly marks: number;
  /** Whether annotations were complete where it was measured. `measure` then is F1, else src/evaluate/held-out.ts says what. */
  readonly complete: boolean;
  readonly measure: number;
  /** Part of the cells there that has a mark, where it was counted; `measure` then is F1, too, by that count. Since 0.6.0. */
  readonly completeness?: number;
}

const count = numberIn({ least: 0, whole: true });
const shape = objectOf({
  score: numberIn({ least: 0, most: 1 }),
  found: count,
  marks: count,
  complete: anyFlag,
  measure: numberIn({ least: 0 }),
  completeness: optional(numberIn({ least: 0, most: 1 })),
});

/** What a model file recommends; null where it recommends nothing. Throws a UserError when that is damaged. */
export function recommendationOf(file: string): Recommendation | null {
  const text = safetensorsMetadata(file)[recommendationKey];
  if (text === undefined) return null;
  const value = parsed(text);
  if (shape(value) !== null) throw new UserError(`${file}: its recommended score is damaged; train again, or pass a --score`);
  return value as Recommendation;
}

/** "recommended score 0.37: finds 91 % of the held-out marks (86 to 95, 64 marks)", and what it does not say. */
export function recommendationText(recommendation: Recommendation): string {
  const { score, found, marks } = recommendation;
  const [low, high] = wilsonInterval(found, marks).map(percent);
  return `recommended score ${score}: finds ${percent(found / marks)} % of the held-out marks (${low} to ${high}, ${marks} marks); ${precisionText(recommendation)}`;
}

function precisionText({ complete, measure, completeness, found, marks }: Recommendation): string {
  if (complete) return `F1 ${percent(measure)} % where annotations are complete`;
  if (completeness === undefined) return "how many detections are wrong cannot be known from sparse marks";
  const range = f1Range(measure, { recall: found / marks, marks })
    .map(percent)
    .join(" to ");
  return `F1 about ${percent(Math.min(1, measure))} % (${range}), if ${percent(completeness)} % of the cells are marked, as it counted`;
}

/**
 * Two standard errors on either side of an F1 whose number of cells is n marks over the completeness: of so many marks it is known to
 * 1 / √n of itself. F1 = 2 · recall · cells / (detections + cells).
 */
function f1Range(f1: number, { recall, marks }: { recall: number; marks: number }): [number, number] {
  const detectionsPerCell = Math.max(0, (2 * recall) / f1 - 1);
  const at = (factor: number): number => (factor <= 0 ? 0 : Math.min(1, (2 * recall) / (detectionsPerCell / factor + 1)));
  const error = 2 / Math.sqrt(marks);
  return [at(1 - error), at(1 + error)];
}

const percent = (part: number): string => String(Math.round(100 * part));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
