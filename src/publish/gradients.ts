// Writes the pages and figures of a gradient analysis, from its gradients.json alone: Figure 8 as SVG and PNG, and a page with its
// tables.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { renderDocument } from "../report/document/page.ts";
import { svgFiles } from "../report/document/svg.ts";
import { gradientDocument } from "../report/gradients/document.ts";
import { readGradients } from "../runs/gradients.ts";
import { pngOf } from "./pictures.ts";

/** Pixels of the PNG for one of the SVG. */
const SCALE = 2;

/**
 * Writes gradients.svg, gradients.png and gradients.html to the folder `out`; returns the page's path, or null where no rate has
 * two methods to compare: then none of these files is left there. Throws a UserError for a damaged file.
 */
export async function writeGradientPage(file: string, out: string): Promise<string | null> {
  const document = gradientDocument(readGradients(file));
  if (document === null) {
    for (const kind of ["svg", "png", "html"]) rmSync(join(out, `gradients.${kind}`), { force: true }); // of an earlier analysis
    return null;
  }
  for (const [name, svg] of svgFiles(document)) {
    writeFileAtomic(join(out, `${name}.svg`), svg);
    writeFileAtomic(join(out, `${name}.png`), await pngOf(svg, SCALE));
  }
  const page = join(out, "gradients.html");
  writeFileAtomic(page, renderDocument(document));
  return page;
}
