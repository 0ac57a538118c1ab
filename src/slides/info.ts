// What `slides info` says of a slide: as text, a row each, and for programs.

import { basename } from "node:path";
import { printable } from "../errors.ts";
import type { SlideFacts, SlideLevel } from "./slide.ts";

export interface SlideInfo {
  readonly file: string;
  readonly format: string;
  readonly vendor: string | null;
  readonly reader: SlideFacts["reader"];
  readonly width: number;
  readonly height: number;
  readonly levels: readonly SlideLevel[];
  /** Microns per pixel of level 0; null where the file does not say. */
  readonly mppX: number | null;
  readonly mppY: number | null;
  readonly mppFrom: string | null;
}

export const infoOf = ({ path, format, vendor, reader, width, height, levels, mpp }: SlideFacts): SlideInfo => ({
  file: path,
  format,
  vendor,
  reader,
  width,
  height,
  levels,
  mppX: mpp?.x ?? null,
  mppY: mpp?.y ?? null,
  mppFrom: mpp?.from ?? null,
});

const HEADER = ["slide", "pixels", "levels", "µm/px", "from", "mm", "format", "reader"];

/** A row for each slide below a header. */
export function infoTable(slides: readonly SlideInfo[]): string {
  const rows = [HEADER, ...slides.map(row)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows
    .map(
      (cells) =>
        `${cells
          .map((cell, column) => cell.padEnd(widths[column]))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function row({ file, format, reader, width, height, levels, mppX, mppY, mppFrom }: SlideInfo): string[] {
  const microns = mppX === null || mppY === null ? null : ([mppX, mppY] as const);
  const size = microns && [(width * microns[0]) / 1000, (height * microns[1]) / 1000].map((mm) => mm.toFixed(1)).join("×");
  return [
    printable(basename(file)),
    `${width}×${height}`,
    levels.map(({ downsample }) => Number(downsample.toFixed(2))).join(" "),
    microns ? [...new Set(microns.map((value) => value.toFixed(4)))].join("×") : "unknown",
    mppFrom ?? "",
    size ?? "",
    format,
    reader,
  ];
}
