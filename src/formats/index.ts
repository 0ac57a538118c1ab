// The formats that `data import` reads: one line each. Readers are loaded when they are used.

import type { RegionClasses } from "./regions.ts";
import type { Source, SourceOptions } from "./source.ts";

/** What single formats take beside the paths. */
export interface FormatOptions extends SourceOptions, RegionClasses {
  /** mitos-atypia-14: frames with at least one mitosis (the paper's patches), or all. */
  readonly frames?: "positive" | "all";
  /** mitos-atypia-14: passes over mitoses that the readers agreed on less, 0 to 1; by default none. */
  readonly confidence?: number;
  /** midog: whether `bbox` is [x1, y1, x2, y2] or COCO's [x, y, width, height]; by default seen from the boxes. */
  readonly boxes?: "auto" | "corners" | "xywh";
}

export interface ImportFormat {
  /** For help texts: what the annotations are. */
  readonly title: string;
  /** The annotations may lie among the images; where they are is then the default. */
  readonly beside?: true;
  readonly read: (options: FormatOptions) => Promise<Source>;
}

export const importFormats = {
  "points-csv": {
    title: "file with the header image,x,y or image,x,y,label",
    read: async (options) => (await import("./points-csv/read.ts")).readPointsCsv(options),
  },
  coco: {
    title: "COCO JSON file of any tool",
    read: async (options) => (await import("./coco/read.ts")).readCoco(options),
  },
  voc: {
    title: "folder of Pascal VOC XML files",
    read: async (options) => (await import("./voc/read.ts")).readVoc(options),
  },
  midog: {
    title: "JSON file of MIDOG 2021, 2022 or MIDOG++",
    read: async (options) => (await import("./midog/read.ts")).readMidog(options),
  },
  "mitos-atypia-14": {
    title: "folder with the slides of MITOS-ATYPIA-14, _mitosis.csv and _not_mitosis.csv files",
    beside: true,
    read: async (options) => (await import("./mitos-atypia/read.ts")).readMitosAtypia(options),
  },
  bcdata: {
    title: "folder of BCData (HDF5)",
    beside: true,
    read: async (options) => (await import("./bcdata/read.ts")).readBcdata(options),
  },
  qupath: {
    title: "GeoJSON or points TSV of QuPath, a file or a folder",
    read: async (options) => (await import("./qupath/read.ts")).readQupath(options),
  },
  asap: {
    title: "XML of ASAP, a file or a folder",
    read: async (options) => (await import("./asap/read.ts")).readAsap(options),
  },
  "label-studio": {
    title: "JSON export of Label Studio",
    read: async (options) => (await import("./label-studio/read.ts")).readLabelStudio(options),
  },
  cvat: {
    title: "XML file of CVAT for images 1.1",
    read: async (options) => (await import("./cvat/read.ts")).readCvat(options),
  },
  dots: {
    title: "folder of PNG files with one marked pixel a cell",
    beside: true,
    read: async (options) => (await import("./dots/read.ts")).readDots(options),
  },
} satisfies { readonly [name: string]: ImportFormat };

export type FormatName = keyof typeof importFormats;
