// Tables from the results.json of an earlier report, as Markdown, for documents that quote them: those in the paper's form where it
// compares rates, and the measures by method at each rate.

import { readJsonFile } from "../files/json/file.ts";
import { anyText, either, listOf, numberIn, objectOf, oneOf, optional, orNull, requireShape } from "../files/json/shape.ts";
import { markdownOf } from "../report/document/markdown.ts";
import { type MeasuresInput, measuresByMethod } from "../report/grid/measures-by-method.ts";
import { paperFormBlocks } from "../report/grid/paper-form.ts";

const keep = either(oneOf("one-per-image"), numberIn({ least: 0, most: 1 }));
const whole = numberIn({ least: 0, whole: true });
const resultsShape = objectOf({
  grid: objectOf({
    folds: whole,
    wantedFolds: optional(listOf(whole)),
    seeds: listOf(whole),
    keeps: listOf(keep, { least: 1 }),
    paperDataset: oneOf("mitos-atypia-14", "ki67", null),
  }),
  methods: listOf(objectOf({ name: anyText, label: anyText })),
  means: listOf(objectOf({ keep, method: anyText, metric: anyText, n: whole, mean: numberIn(), sd: orNull(numberIn()) })),
  runs: listOf(objectOf({ keep, method: anyText, completeness: optional(objectOf({ part: numberIn({ least: 0, most: 1 }) })) })),
});

/** Throws a UserError when the file is not the results.json of a report, or is damaged. */
export function quotedTables(file: string): string {
  const hint = "this is not the results.json of a report; pass that file, or the folder of a grid";
  const results = requireShape<MeasuresInput>(readJsonFile(file), resultsShape, hint);
  return markdownOf([...paperFormBlocks(results), ...measuresByMethod(results)]);
}
