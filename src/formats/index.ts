// The formats of other tools, each registered once: what `data import` reads and what `data export` writes. A format's code is
// loaded only when it is used.

import type { PixelChoice } from "../data/pixel-choice.ts";
import { UserError } from "../errors.ts";
import type { ExportSource } from "./export-source.ts";
import { recognise } from "./recognise.ts";
import type { RegionClasses } from "./regions.ts";
import type { Source, SourceOptions } from "./source.ts";

/** What a reader is given; the last ones are for one format each. */
export interface FormatOptions extends SourceOptions, RegionClasses, PixelChoice {
  /** mitos-atypia-14: frames with at least one mitosis (the paper's patches), or all. */
  readonly frames?: "positive" | "all";
  /** mitos-atypia-14: leave out mitoses of which the readers were less sure, 0 to 1; default 0. */
  readonly confidence?: number;
  /** midog: whether `bbox` is [x1, y1, x2, y2] or COCO's [x, y, width, height]; default: told from the boxes. */
  readonly boxes?: "auto" | "corners" | "xywh";
  /** label-masks: a cell as the box around its pixels (the default) or as the point in their middle. */
  readonly cells?: "box" | "centre";
  /** fiji: what X and Y of a table of results are; microns need `mpp`. Default: pixels, where the table shows that they are. */
  readonly units?: "pixels" | "microns";
  /** Microns per pixel of every image, as `importDataset` takes it. */
  readonly mpp?: number;
}

export interface ImportFormat {
  /** What the annotations are, for help texts. */
  readonly title: string;
  /** The annotations may lie among the images, so their default place is the images' folder. */
  readonly beside?: true;
  readonly read: (options: FormatOptions) => Promise<Source>;
}

/** What a format may have no place for: regions, which annotations are hidden, images without a box. */
export type Lost = "regions" | "hidden" | "empty";

export interface ExportFormat {
  /** What is written, for help texts. */
  readonly title: string;
  /** One file for all images, or a folder with a file for each. */
  readonly writes: "file" | "folder";
  /** Of the file or files, with the dot. */
  readonly extension: string;
  /** Further files of the folder, which are not of one image. */
  readonly beside?: readonly string[];
  readonly lost: readonly Lost[];
  /** Writes `out`, whole or not at all. Throws a UserError that names it when it cannot be written. */
  readonly write: (source: ExportSource, out: string) => Promise<void>;
}

/** At least one of the two. */
export interface Format {
  readonly import?: ImportFormat;
  readonly export?: ExportFormat;
}

export const formats = {
  "points-csv": {
    import: {
      title: "file with the header image,x,y or image,x,y,label",
      read: async (options) => (await import("./points-csv/read.ts")).readPointsCsv(options),
    },
    export: {
      title: "one file of image,x,y,label and score: the centres of the boxes",
      writes: "file",
      extension: ".csv",
      lost: ["regions", "hidden", "empty"],
      write: async (source, out) => (await import("./points-csv/write.ts")).exportPointsCsv(source, out),
    },
  },
  coco: {
    import: {
      title: "COCO JSON file of any tool: boxes, outlines, masks, key points",
      read: async (options) => (await import("./coco/read.ts")).readCoco(options),
    },
    export: {
      title: "one COCO JSON file, with scores and regions",
      writes: "file",
      extension: ".json",
      lost: [],
      write: async (source, out) => (await import("./coco/write.ts")).exportCoco(source, out),
    },
  },
  voc: {
    import: {
      title: "folder of Pascal VOC XML files",
      read: async (options) => (await import("./voc/read.ts")).readVoc(options),
    },
    export: {
      title: "a folder of Pascal VOC XML files, boxes in whole pixels, scores as confidence",
      writes: "folder",
      extension: ".xml",
      lost: ["regions", "hidden"],
      write: async (source, out) => (await import("./voc/write.ts")).exportVoc(source, out),
    },
  },
  yolo: {
    import: {
      title: "data.yaml, or a folder of .txt files, of YOLO: boxes or outlines",
      read: async (options) => (await import("./yolo/read.ts")).readYolo(options),
    },
    export: {
      title: "a folder for YOLO: labels/*.txt with 6 decimals, scores as confidence; data.yaml; lists of the splits",
      writes: "folder",
      extension: ".txt",
      beside: ["data.yaml", "train.txt", "test.txt"],
      lost: ["regions", "hidden"],
      write: async (source, out) => (await import("./yolo/write.ts")).exportYolo(source, out),
    },
  },
  midog: {
    import: {
      title: "JSON file of MIDOG 2021, 2022 or MIDOG++",
      read: async (options) => (await import("./midog/read.ts")).readMidog(options),
    },
  },
  "mitos-atypia-14": {
    import: {
      title: "folder with the slides of MITOS-ATYPIA-14, _mitosis.csv and _not_mitosis.csv files",
      beside: true,
      read: async (options) => (await import("./mitos-atypia/read.ts")).readMitosAtypia(options),
    },
  },
  bcdata: {
    import: {
      title: "folder of BCData (HDF5)",
      beside: true,
      read: async (options) => (await import("./bcdata/read.ts")).readBcdata(options),
    },
  },
  qupath: {
    import: {
      title: "project of QuPath, or its GeoJSON or points TSV, a file or a folder",
      read: async (options) => (await import("./qupath/read.ts")).readQupath(options),
    },
    export: {
      title: "a folder of GeoJSON files, with scores and regions",
      writes: "folder",
      extension: ".geojson",
      lost: ["hidden"],
      write: async (source, out) => (await import("./qupath/write.ts")).exportQupath(source, out),
    },
  },
  asap: {
    import: {
      title: "XML of ASAP, a file or a folder",
      read: async (options) => (await import("./asap/read.ts")).readAsap(options),
    },
  },
  imagescope: {
    import: {
      title: "XML of Aperio ImageScope, a file or a folder",
      read: async (options) => (await import("./imagescope/read.ts")).readImagescope(options),
    },
    export: {
      title: "a folder of XML files for Aperio ImageScope: a layer for each class, scores as texts",
      writes: "folder",
      extension: ".xml",
      lost: ["regions", "hidden"],
      write: async (source, out) => (await import("./imagescope/write.ts")).exportImagescope(source, out),
    },
  },
  fiji: {
    import: {
      title: "ROIs (.zip, .roi) or tables of results (.csv) of Fiji, a file or a folder",
      read: async (options) => (await import("./fiji/read.ts")).readFiji(options),
    },
  },
  "label-studio": {
    import: {
      title: "JSON export of Label Studio, with the masks of its brush",
      read: async (options) => (await import("./label-studio/read.ts")).readLabelStudio(options),
    },
  },
  cvat: {
    import: {
      title: "XML file of CVAT for images 1.1, with masks",
      read: async (options) => (await import("./cvat/read.ts")).readCvat(options),
    },
  },
  "label-masks": {
    import: {
      title: "folder of PNG or TIFF masks with a number for each cell (StarDist, Cellpose, QuPath)",
      beside: true,
      read: async (options) => (await import("./label-masks/read.ts")).readLabelMasks(options),
    },
  },
  dots: {
    import: {
      title: "folder of PNG files with one marked pixel per cell",
      beside: true,
      read: async (options) => (await import("./dots/read.ts")).readDots(options),
    },
  },
} as const satisfies { readonly [name: string]: Format };

type NameWith<Part extends keyof Format> = {
  [Name in keyof typeof formats]: (typeof formats)[Name] extends Required<Pick<Format, Part>> ? Name : never;
}[keyof typeof formats];

/** A format that `data import` reads. */
export type FormatName = NameWith<"import">;

/** A format that `data export` writes. */
export type ExportFormatName = NameWith<"export">;

/**
 * The formats that `data import` reads, by name; `read` gives what `importDataset` takes.
 *
 * @example
 * const images = "slides";
 * const source = await importFormats.coco.read({ images, annotations: "cells.json" });
 * const { dataset } = await importDataset({ source, images, box: 32, out: "data/cells" });
 */
export const importFormats = Object.fromEntries(
  Object.entries(partsOf("import")).map(([name, format]) => [
    name,
    { ...format, read: recognising(name, format as ImportFormat) },
  ]),
) as { readonly [name in FormatName]: ImportFormat };

/** The formats that `data export` writes, by name. */
export const exportFormats = partsOf("export") as { readonly [name in ExportFormatName]: ExportFormat };

/** A reader that, where it fails or finds no image because the annotations are of another format, names that. */
function recognising(name: string, { read }: ImportFormat): ImportFormat["read"] {
  return async (options) => {
    let [source, failure]: [Source | null, UserError | null] = [null, null];
    try {
      source = await read(options);
      if (source.images.length > 0) return source;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failure = error;
    }
    const found = recognise(options.annotations);
    if (found !== null && !found.formats.includes(name)) {
      const choices = found.formats.map((format) => `--format ${format}`).join(" or ");
      const remedy = choices === "" ? `no format reads it: ${found.remedy}` : `pass ${choices}`;
      throw new UserError(`${options.annotations}: ${found.what}, not what --format ${name} reads; ${remedy}`);
    }
    if (source === null) throw failure;
    return source;
  };
}

function partsOf<Part extends keyof Format>(part: Part): { readonly [name: string]: Format[Part] } {
  return Object.fromEntries(
    Object.entries<Format>(formats).flatMap(([name, format]) => (format[part] ? [[name, format[part]]] : [])),
  );
}
