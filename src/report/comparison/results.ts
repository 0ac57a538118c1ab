// The measured numbers of a comparison as JSON, for other tools and for documents that quote them: the page without its
// pictures and curves.

import { writeFileAtomic } from "../../files/atomic-write.ts";
import type { ComparisonReport } from "../../runs/comparison.ts";

/** Throws a UserError when the file cannot be written. */
export function writeComparisonResults(file: string, report: ComparisonReport): void {
  const { title, command, dataset, heldOut, score, settings } = report;
  const methods = report.methods.map(({ lossCurve: _, ...measured }) => measured);
  writeFileAtomic(file, `${JSON.stringify({ title, command, settings, dataset, heldOut, score, methods }, null, 2)}\n`);
}
