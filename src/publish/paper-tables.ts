// The tables in the paper's form from the results.json of an earlier report, as Markdown: for documents that quote them.

import { UserError } from "../errors.ts";
import { readJsonFile } from "../files/json/file.ts";
import { anyText, either, listOf, numberIn, objectOf, oneOf, orNull, requireShape } from "../files/json/shape.ts";
import { markdownOf } from "../report/document/markdown.ts";
import { type PaperFormInput, paperFormBlocks } from "../report/grid/paper-form.ts";

const keep = either(oneOf("one-per-image"), numberIn({ least: 0, most: 1 }));
const whole = numberIn({ least: 0, whole: true });
const resultsShape = objectOf({
  grid: objectOf({
    folds: whole,
    seeds: listOf(whole),
    keeps: listOf(keep, { least: 1 }),
    paperDataset: oneOf("mitos-atypia-14", "ki67", null),
  }),
  methods: listOf(objectOf({ name: anyText, label: anyText })),
  means: listOf(objectOf({ keep, method: anyText, metric: anyText, n: whole, mean: numberIn(), sd: orNull(numberIn()) })),
});

/** Throws a UserError when the file is damaged, or is about a grid of one rate. */
export function paperTables(file: string): string {
  const hint = "this is not the results.json of a report; pass that file, or the folder of a grid";
  const blocks = paperFormBlocks(requireShape<PaperFormInput>(readJsonFile(file), resultsShape, hint));
  if (blocks.length === 0) throw new UserError(`${file}: has one rate of annotations, and these tables compare rates`);
  return markdownOf(blocks);
}
