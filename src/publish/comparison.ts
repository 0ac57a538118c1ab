// Writes a comparison: its page, and its numbers as JSON.

import { writeFileAtomic } from "../files/atomic-write.ts";
import { renderComparisonPage } from "../report/comparison/page.ts";
import { renderComparisonResults } from "../report/comparison/results.ts";
import type { Comparison } from "../runs/comparison.ts";

/** Each file whole or not at all. Throws a UserError that names a file that cannot be written. */
export async function writeComparison(
  comparison: Comparison,
  to: { readonly page: string; readonly results: string },
): Promise<void> {
  writeFileAtomic(to.page, await renderComparisonPage(comparison));
  writeFileAtomic(to.results, renderComparisonResults(comparison));
}
