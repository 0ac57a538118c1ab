// `sparsecell slides …`: whole slides. What decodes images is imported by the action that needs it, so that --help is quick.

import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { UserError } from "../../errors.ts";
import type { SlideInfo } from "../../slides/info.ts";
import { requireOutFile } from "../options/out-file.ts";
import { positive } from "../options/values.ts";

export function slidesCommand(): Command {
  return new Command("slides")
    .description("inspect whole slides: SVS, NDPI, MRXS, OME-TIFF, tiled TIFF and others")
    .addCommand(infoCommand())
    .addCommand(tissueCommand())
    .addHelpText(
      "after",
      "\nSlides of most scanners are read by OpenSlide, if it is installed (Debian: apt-get install libopenslide0).\n",
    );
}

const EXAMPLE = `
A row for each slide: size, how much smaller each of its levels is, microns per pixel and where they were found. With --json an
object for each, a line each. A file that cannot be read is one line on stderr, and the exit code is 1.

Example:
  $ npx sparsecell slides info case1.svs case2.ndpi`;

const mppOption = (said: string): Option =>
  new Option("--mpp <microns>", `microns per pixel, in place of ${said}`).argParser(positive);

function infoCommand(): Command {
  return new Command("info")
    .description("say size, levels, microns per pixel and format of slides")
    .argument("<file...>", "slides")
    .addOption(mppOption("what the files say"))
    .option("--json", "print a JSON object for each slide")
    .addHelpText("after", EXAMPLE)
    .action(async (files: string[], { mpp, json = false }: { mpp?: number; json?: boolean }) => {
      const { openSlide } = await import("../../slides/open-slide.ts");
      const { infoOf, infoTable } = await import("../../slides/info.ts");
      const slides: SlideInfo[] = [];
      const failures: UserError[] = [];
      for (const file of files)
        try {
          const slide = await openSlide(file, { mpp });
          slides.push(infoOf(slide));
          slide.close();
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          failures.push(error);
        }
      if (json) for (const slide of slides) console.log(JSON.stringify(slide));
      else if (slides.length > 0) process.stdout.write(infoTable(slides));
      const last = failures.pop();
      for (const { message } of failures) console.error(`sparsecell: ${message}`);
      if (last) throw last;
    });
}

const TISSUE_EXAMPLE = `
Tissue is found by its colour on a small copy of the slide; ink of pens, bubbles, edges of glass and dust are left out. The file
opens in QuPath by drag and drop: an annotation of the class Tissue for each piece, with its holes.

Example:
  $ npx sparsecell slides tissue case1.svs --out case1-tissue.geojson`;

function tissueCommand(): Command {
  return new Command("tissue")
    .description("find the tissue of a slide; writes its outlines as GeoJSON for QuPath")
    .argument("<file>", "slide")
    .addOption(mppOption("what the file says"))
    .requiredOption("--out <file>", "GeoJSON file to write")
    .option("--overwrite", "replace the file if it exists")
    .addHelpText("after", TISSUE_EXAMPLE)
    .action(async (file: string, { mpp, out, overwrite = false }: { mpp?: number; out: string; overwrite?: boolean }) => {
      requireOutFile(out, [file]);
      if (!overwrite && existsSync(out)) throw new UserError(`${out}: already exists; pass another file, or --overwrite`);
      const { openSlide } = await import("../../slides/open-slide.ts");
      const { findTissue } = await import("../../slides/tissue.ts");
      const { areaText } = await import("../../slides/area-text.ts");
      const { outlinesText } = await import("../../formats/qupath/outlines.ts");
      const { writeChunksAtomic } = await import("../../files/atomic-write.ts");
      const slide = await openSlide(file, { mpp });
      try {
        const { regions, mm2, share, badTiles } = await findTissue(slide);
        for (const tile of badTiles) console.error(`${file}: cannot be decoded and counts as glass: ${tile}`);
        if (regions.length === 0) throw new UserError(`${file}: no tissue was found; nothing is written`);
        writeChunksAtomic(out, outlinesText("Tissue", regions));
        const area = mm2 === null ? "" : `${areaText(mm2)} mm², `;
        const pieces = regions.length === 1 ? "1 piece" : `${regions.length} pieces`;
        console.log(`${out}: ${pieces} of tissue, ${area}${(100 * share).toFixed(1)} % of the slide`);
      } finally {
        slide.close();
      }
    });
}
