// Writes what a gradient analysis says, from its gradients.json alone: Figure 8 as SVG and PNG, and a page with its tables.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../files/atomic-write.ts";
import { readGradients } from "../../runs/gradients.ts";
import { renderGridPage } from "../document/page.ts";
import { figureSvg } from "../document/svg.ts";
import { gradientDocument } from "./sections.ts";

/** Pixels of the PNG for one of the SVG. */
const SCALE = 2;

/**
 * Writes gradients.svg, gradients.png and gradients.html (self-contained) to the folder `out`; returns the page's path, or null
 * where no rate has two methods to compare: then none of them is left there. Throws a UserError for a file that is not what it should be.
 */
export async function writeGradientPage(file: string, out: string): Promise<string | null> {
  const document = gradientDocument(readGradients(file));
  if (document === null) {
    for (const kind of ["svg", "png", "html"]) rmSync(join(out, `gradients.${kind}`), { force: true }); // an earlier analysis's
    return null;
  }
  for (const { blocks } of document.sections)
    for (const block of blocks)
      if (block.kind === "figure") {
        const svg = figureSvg(block.figure);
        writeFileAtomic(join(out, `${block.figure.file}.svg`), svg);
        const { default: sharp } = await import("sharp"); // a native library, which only a command that writes images should load
        const png = await sharp(Buffer.from(svg), { density: 72 * SCALE })
          .png()
          .toBuffer();
        writeFileAtomic(join(out, `${block.figure.file}.png`), png);
      }
  const page = join(out, "gradients.html");
  writeFileAtomic(page, renderGridPage(document));
  return page;
}
