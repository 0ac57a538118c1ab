// `sparsecell slides …`: whole slides. What decodes images is imported by the action that needs it, so that --help is quick.

import { Command, Option } from "commander";
import { UserError } from "../../errors.ts";
import type { SlideInfo } from "../../slides/info.ts";
import { positive } from "../options/values.ts";

export function slidesCommand(): Command {
  return new Command("slides")
    .description("inspect whole slides: SVS, NDPI, MRXS, OME-TIFF, tiled TIFF and others")
    .addCommand(infoCommand())
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

function infoCommand(): Command {
  return new Command("info")
    .description("say size, levels, microns per pixel and format of slides")
    .argument("<file...>", "slides")
    .addOption(new Option("--mpp <microns>", "microns per pixel, in place of what the files say").argParser(positive))
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
