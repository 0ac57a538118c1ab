// Writes what was found on a slide as a page and as JSON.

import { writeFileAtomic } from "../files/atomic-write.ts";
import type { Fact } from "../report/document/document.ts";
import { renderDocument } from "../report/document/page.ts";
import { densityMap } from "../report/slide/density-map.ts";
import { slideDocument } from "../report/slide/document.ts";
import { drawnSize, type SlidePictures } from "../report/slide/pictures.ts";
import type { Slide } from "../slides/slide.ts";
import type { SlideSummary, SummaryNumbers } from "../slides/summary.ts";
import type { Tissue } from "../slides/tissue.ts";
import { greyPicture, pngOfPixels, thumbnail } from "./pictures.ts";

export interface SummaryPageOptions {
  /** Still open: its thumbnail is read. */
  readonly slide: Slide;
  readonly tissue: Pick<Tissue, "regions">;
  readonly summary: SlideSummary;
  /** Files to write; what exists is replaced. */
  readonly page: string;
  readonly json: string;
  /** Parts of the file that could not be decoded. */
  readonly badTiles?: readonly string[];
  /** Further remarks, a sentence each: a limit that was hit, tissue that was not searched. */
  readonly notes?: readonly string[];
  /** Of the model and the settings, for the list on the page. */
  readonly facts?: readonly Fact[];
}

/** Pixels of the thumbnail for one of the drawing. */
const FINENESS = 2;

/** Writes the numbers as JSON and a self-contained page; returns the numbers. */
export async function writeSummaryPage(options: SummaryPageOptions): Promise<SummaryNumbers> {
  const { summary, page, json, badTiles = [], facts = [] } = options;
  const notes = [...(options.notes ?? []), ...hotSpotNote(summary)];
  const numbers = summary.finish();
  const document = slideDocument(numbers, await picturesOf(options), { badTiles, notes, facts });
  writeFileAtomic(json, `${JSON.stringify({ ...numbers, badTiles, notes }, null, 2)}\n`);
  writeFileAtomic(page, renderDocument(document));
  return numbers;
}

function hotSpotNote({ isTooSmallForHotSpot, hotSpotMm2, options: { tissue } }: SlideSummary): string[] {
  if (!isTooSmallForHotSpot || tissue.mm2 === 0) return [];
  return [`No hot spot: the tissue is smaller than ${hotSpotMm2} mm², the area of a hot spot (--hot-spot).`];
}

async function picturesOf({ slide, tissue, summary }: SummaryPageOptions): Promise<SlidePictures> {
  const drawn = drawnSize(slide);
  const size = {
    width: Math.min(slide.width, FINENESS * drawn.width),
    height: Math.min(slide.height, FINENESS * drawn.height),
  };
  const { image } = await slide.read({ x: 0, y: 0, width: slide.width, height: slide.height }, size);
  const { grid, mapped } = summary;
  const map = densityMap(grid, mapped);
  const mm2 = slide.mpp && (grid.side.x * slide.mpp.x * grid.side.y * slide.mpp.y) / 1e6;
  return {
    colour: await thumbnail(image, Math.max(size.width, size.height)),
    grey: await greyPicture(image),
    density: await pngOfPixels(map),
    spans: { x: (grid.columns * grid.side.x) / slide.width, y: (grid.rows * grid.side.y) / slide.height },
    mapped: mapped.map((i) => summary.options.classes[i]),
    most: mm2 ? map.most / mm2 : map.most,
    outlines: tissue.regions.flat(),
  };
}
