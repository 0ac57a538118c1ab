// What was found on a slide as a document: the numbers in a sentence, the pictures, the table, and where all came from.

import { basename } from "node:path";
import type { ClassCount, HotSpot, LabellingIndex, SummaryNumbers } from "../../slides/summary.ts";
import { type Document, type Fact, figureBlock, type Table, tableBlock } from "../document/document.ts";
import { counted, formatNumber, formatPercent, listed, thousands } from "../document/words.ts";
import { formatDensity, type SlidePictures, slidePanels } from "./pictures.ts";

export interface SlideRemarks {
  /** Parts of the file that could not be decoded. */
  readonly badTiles: readonly string[];
  /** Sentences. */
  readonly notes: readonly string[];
  /** Of the model and the settings. */
  readonly facts: readonly Fact[];
}

export function slideDocument(numbers: SummaryNumbers, pictures: SlidePictures, remarks: SlideRemarks): Document {
  const figure = {
    file: "slide",
    title: "Where the cells are",
    panels: slidePanels(numbers, pictures),
    columns: 2,
    key: [],
    caption: caption(numbers),
  };
  return {
    title: basename(numbers.slide),
    subtitle: "Cells found on a whole slide",
    answer: answer(numbers),
    warnings: warnings(numbers, remarks),
    sections: [
      { title: "Pictures", blocks: [figureBlock(figure)] },
      { title: "Cells", blocks: [tableBlock(classTable(numbers))] },
      { title: "How it was measured", blocks: [{ kind: "facts", facts: [...facts(numbers), ...remarks.facts] }] },
    ],
  };
}

function answer({ cells, perMm2, tissueMm2, classes, labelling, hotSpot }: SummaryNumbers): string[] {
  const density = perMm2 === null ? "" : `: ${formatDensity(perMm2)} per mm²`;
  const lines = [`${counted(cells, "cell")}${tissueMm2 === null ? "" : ` in ${area(tissueMm2)} of tissue`}${density}.`];
  if (labelling?.index != null)
    lines.push(
      `Labelling index: ${index(labelling)}${hotSpot?.labelling?.index == null ? "" : `; in the hot spot ${index(hotSpot.labelling)}`}.`,
    );
  if (hotSpot) {
    const density = formatDensity(hotSpot.cells / hotSpot.mm2);
    lines.push(
      `Hot spot: ${counted(hotSpot.cells, "cell")}${ofClasses(hotSpot, classes)} in ${area(hotSpot.mm2)}, ${density} per mm².`,
    );
  }
  return lines;
}

/** Which cells make a hot spot; nothing where all do. */
const ofClasses = ({ of }: HotSpot, classes: readonly ClassCount[]): string =>
  of.length === classes.length ? "" : ` of ${listed(of.map((name) => `“${name}”`))}`;

const index = ({ index }: LabellingIndex): string => (index === null ? "–" : formatPercent(index));

const area = (mm2: number): string => `${mm2 < 0.1 ? formatNumber(mm2) : mm2.toFixed(2)} mm²`;

const SHOWN = 5;

function warnings({ mpp, tissueShare }: SummaryNumbers, { badTiles, notes }: SlideRemarks): string[] {
  const lines = [...notes];
  if (tissueShare === 0) lines.unshift("No tissue was found on the slide.");
  if (mpp === null) lines.push("The file does not say how many microns a pixel spans: there are no densities and no hot spot.");
  if (badTiles.length > 0) {
    const more = badTiles.length > SHOWN ? `; and ${thousands(badTiles.length - SHOWN)} more` : "";
    lines.push(
      `${counted(badTiles.length, "part")} of the file cannot be decoded and ${badTiles.length === 1 ? "was" : "were"} not searched: ${badTiles.slice(0, SHOWN).join("; ")}${more}.`,
    );
  }
  return lines;
}

function caption({ hotSpot, classes }: SummaryNumbers): string {
  const outline = "Blue: the outline of the tissue.";
  if (hotSpot === null) return outline;
  return `${outline} Black frame: the hot spot, the square of ${area(hotSpot.mm2)} with the most cells${ofClasses(hotSpot, classes)}.`;
}

function classTable({ classes, cells, perMm2, hotSpot }: SummaryNumbers): Table {
  const inSpot = hotSpot?.classes ?? [];
  const total = inSpot.reduce((sum, { cells }) => sum + cells, 0);
  const row = (label: string, here: Omit<ClassCount, "name">, there: Omit<ClassCount, "name"> | undefined) => ({
    label,
    cells: [here, ...(hotSpot ? [there] : [])].flatMap((count) => [
      { text: count ? thousands(count.cells) : "–" },
      { text: formatDensity(count?.perMm2 ?? null) },
    ]),
  });
  const columns = (group: string) => [
    { group, label: "cells" },
    { group, label: "per mm²" },
  ];
  const all = row("all", { cells, perMm2 }, hotSpot ? { cells: total, perMm2: total / hotSpot.mm2 } : undefined);
  return {
    title: "Cells by class",
    rowHead: "class",
    columns: [...columns("tissue"), ...(hotSpot ? columns("hot spot") : [])],
    rows: [...classes.map((here, i) => row(here.name, here, inSpot[i])), ...(classes.length > 1 ? [all] : [])],
    notes: hotSpot && hotSpot.tissueShare < 0.95 ? [`${formatPercent(hotSpot.tissueShare)} of the hot spot is tissue.`] : [],
  };
}

function facts({ slide, width, height, mpp, tissueMm2, tissueShare, labelling, hotSpot }: SummaryNumbers): Fact[] {
  const mm = mpp && ` (${formatNumber((width * mpp.x) / 1000)} × ${formatNumber((height * mpp.y) / 1000)} mm)`;
  const list: Fact[] = [
    { label: "slide", value: slide },
    { label: "size", value: `${thousands(width)} × ${thousands(height)} pixels${mm ?? ""}` },
    {
      label: "microns per pixel",
      value: mpp ? `${[...new Set([mpp.x, mpp.y].map((v) => v.toFixed(4)))].join(" × ")} (${mpp.from})` : "unknown",
    },
    { label: "tissue", value: `${tissueMm2 === null ? "" : `${area(tissueMm2)}, `}${formatPercent(tissueShare)} of the slide` },
  ];
  if (labelling)
    list.push({
      label: "labelling index",
      value: `“${labelling.positive}” of “${labelling.positive}” and “${labelling.negative}”`,
    });
  if (hotSpot && mpp) {
    const place = [hotSpot.x * mpp.x, hotSpot.y * mpp.y].map((microns) => formatNumber(microns / 1000));
    const pixels = [hotSpot.x, hotSpot.y, hotSpot.width, hotSpot.height].map((value) => thousands(Math.round(value)));
    list.push({
      label: "hot spot",
      value: `${place[0]} mm from the left, ${place[1]} mm from the top; in pixels x ${pixels[0]}, y ${pixels[1]}, ${pixels[2]} × ${pixels[3]}`,
    });
  }
  return list;
}
