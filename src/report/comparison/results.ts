// The measured numbers of a comparison as JSON, for other tools and for documents that quote them: the page without its
// pictures and curves.

import type { Comparison } from "../../runs/comparison.ts";
import { datasetFacts, settingFacts } from "./words.ts";

export function renderComparisonResults(comparison: Comparison): string {
  const { title, command, heldOut, score } = comparison;
  const methods = comparison.methods.map(({ lossCurve: _, ...measured }) => measured);
  const [settings, dataset] = [settingFacts(comparison), datasetFacts(comparison)];
  return `${JSON.stringify({ title, command, settings, dataset, heldOut, score, methods }, null, 2)}\n`;
}
