// Writes what was found on a slide as a page and as JSON.

import { writeFileAtomic } from "../files/atomic-write.ts";
import type { Slide } from "../slides/slide.ts";
import type { SlideSummary, SummaryNumbers } from "../slides/summary.ts";

export interface SummaryPageOptions {
  readonly slide: Slide;
  readonly summary: SlideSummary;
  /** Paths to write; what exists is replaced. */
  readonly page: string;
  readonly json: string;
  /** Parts of the file that could not be decoded. */
  readonly badTiles?: readonly string[];
  /** Further remarks, a sentence each: a limit that was hit, tissue that was not searched for. */
  readonly notes?: readonly string[];
  /** Settings and model for the page's list, such as ["model", "runs/a"]. */
  readonly facts?: readonly (readonly [label: string, value: string])[];
}

/** Returns the numbers that it wrote. */
export async function writeSummaryPage({ summary, page, json }: SummaryPageOptions): Promise<SummaryNumbers> {
  const numbers = summary.finish();
  writeFileAtomic(page, "");
  writeFileAtomic(json, `${JSON.stringify(numbers, null, 2)}\n`);
  return numbers;
}
