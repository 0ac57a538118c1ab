// Tells what kind of annotations a file holds from its first bytes, for the error of a reader that was given another kind: it
// names the format to pass, or what to do when there is none. Only what is unmistakable is named.

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "../files/files-below.ts";

export interface Recognised {
  /** "is XML of Aperio ImageScope" */
  readonly what: string;
  /** The formats that read it, the likeliest first; none when nothing reads it. */
  readonly formats: readonly string[];
  /** What to do when nothing reads it. */
  readonly remedy?: string;
}

interface Kind extends Recognised {
  /** Of the file's first 64 KB, a byte a character; `name` is the file's, in lower case. */
  readonly is: (start: string, name: string) => boolean;
}

const root = (start: string): string => /^(?:<\?[^>]*>|<!--[\s\S]*?-->|<!DOCTYPE[^>]*>|\s)*<([\w:.-]+)/.exec(start)?.[1] ?? "";
const isJson = (start: string): boolean => /^\s*[[{]/.test(start);
const has = (start: string, ...keys: string[]): boolean => keys.every((key) => new RegExp(`"${key}"\\s*:`).test(start));
const firstLine = (start: string): string => /^[^\r\n]{0,2000}/.exec(start)?.[0] ?? "";
const columns = (start: string): string[] =>
  firstLine(start)
    .split(/[,;\t]/)
    .map((name) => name.trim().replaceAll('"', "").toLowerCase());

const KINDS: readonly Kind[] = [
  {
    what: "is XML of Aperio ImageScope",
    formats: ["imagescope"],
    is: (start) => root(start) === "Annotations" && /MicronsPerPixel|<Regions|<Annotation\b/.test(start),
  },
  { what: "is XML of ASAP", formats: ["asap"], is: (start) => root(start) === "ASAP_Annotations" },
  { what: "is Pascal VOC XML", formats: ["voc"], is: (start) => root(start) === "annotation" && /<object|<filename/.test(start) },
  {
    what: "is an annotation file of NDP.view (Hamamatsu)",
    formats: [],
    remedy: "open the slide in QuPath and export GeoJSON",
    is: (start) => root(start) === "annotations" && /<ndpviewstate/.test(start),
  },
  {
    what: "is XML of CVAT",
    formats: ["cvat"],
    is: (start) => root(start) === "annotations" && /<(?:version|meta|image)\b/.test(start),
  },
  {
    what: "is KML, which has no pixels",
    formats: [],
    remedy: "export the objects as GeoJSON of QuPath or as COCO",
    is: (start) => root(start) === "kml",
  },
  {
    what: "is an HTML page, not annotations",
    formats: [],
    remedy: "download the file itself",
    is: (start) => /^html$/i.test(root(start)),
  },
  {
    what: "is GeoJSON of QuPath",
    formats: ["qupath"],
    is: (start) => isJson(start) && /"type"\s*:\s*"(?:FeatureCollection|Feature)"/.test(start),
  },
  {
    what: "is a QuPath project",
    formats: ["qupath"],
    is: (start) => isJson(start) && has(start, "images", "serverBuilder"),
  },
  {
    what: "is a project of the VGG Image Annotator",
    formats: [],
    remedy: "export it as COCO",
    is: (start) => isJson(start) && (has(start, "_via_img_metadata") || has(start, "regions", "shape_attributes")),
  },
  {
    what: "is a file of Labelme",
    formats: [],
    remedy: "convert it to COCO",
    is: (start) => isJson(start) && has(start, "shapes") && /"(?:imagePath|shape_type)"\s*:/.test(start),
  },
  {
    what: "is JSON of HoVer-Net",
    formats: [],
    remedy: "convert it to GeoJSON or to label masks",
    is: (start) => isJson(start) && has(start, "nuc") && /"(?:centroid|contour|bbox)"\s*:/.test(start),
  },
  {
    what: "is an export of Label Studio",
    formats: ["label-studio"],
    is: (start) => /^\s*\[/.test(start) && has(start, "data") && /"(?:annotations|completions)"\s*:/.test(start),
  },
  {
    what: "is COCO JSON",
    formats: ["coco", "midog"],
    is: (start) => /^\s*\{/.test(start) && has(start, "images") && /"(?:file_name|annotations)"\s*:/.test(start),
  },
  {
    what: "is a table of points",
    formats: ["points-csv"],
    is: (start) => ["image", "x", "y"].every((name) => columns(start).includes(name)),
  },
  {
    what: "is a table of QuPath's measurements",
    formats: [],
    remedy: "export the objects from QuPath as GeoJSON",
    is: (start) => columns(start).some((name) => /^centroid x/.test(name)) && columns(start).includes("image"),
  },
  {
    what: "is a table of Fiji's results",
    formats: ["fiji"],
    is: (start) => columns(start)[0] === "" && ["x", "y", "xm", "ym", "area", "bx"].some((name) => columns(start).includes(name)),
  },
  {
    what: "is a table of QuPath's points",
    formats: ["qupath"],
    is: (start) => firstLine(start).includes("\t") && ["x", "y"].every((name) => columns(start).includes(name)),
  },
  { what: "is a ROI of Fiji", formats: ["fiji"], is: (start) => start.startsWith("Iout") },
  {
    what: "holds ROIs of Fiji",
    formats: ["fiji"],
    is: (start) => start.startsWith("PK\x03\x04") && /^[^/\\]+\.roi/.test(start.slice(30)),
  },
  {
    what: "is an array of NumPy",
    formats: [],
    remedy: "save its label masks as PNG or TIFF",
    is: (start) => start.startsWith("\x93NUMPY"),
  },
  {
    what: "is a MATLAB file",
    formats: [],
    remedy: "save its points as CSV or its label masks as PNG or TIFF",
    is: (start) => start.startsWith("MATLAB 5.0"),
  },
  {
    what: "is a data file of a QuPath project",
    formats: [],
    remedy: "export the annotations with qupath/export-annotations.groovy and pass the project's folder",
    is: (start) => start.startsWith("\xac\xed\0\x05") || (start.startsWith("PK\x03\x04") && /qpdata/i.test(start.slice(30, 100))),
  },
  {
    what: "is a database of SQLite, as SlideRunner writes",
    formats: [],
    remedy: "export it as COCO",
    is: (start) => start.startsWith("SQLite format 3\0"),
  },
  {
    what: "is JSON of CreateML",
    formats: [],
    remedy: "export it as COCO",
    is: (start) => /^\s*\[/.test(start) && has(start, "image", "annotations", "coordinates"),
  },
  { what: "is HDF5", formats: ["bcdata"], is: (start) => start.startsWith("\x89HDF\r\n") },
  {
    what: "is an image",
    formats: ["label-masks", "dots"],
    is: (start) => ["\x89PNG\r\n", "II*\0", "MM\0*", "II+\0", "MM\0+"].some((kind) => start.startsWith(kind)),
  },
  {
    what: "is the data.yaml of YOLO",
    formats: ["yolo"],
    is: (start, name) => /\.ya?ml$/.test(name) && /^names\s*:/m.test(start),
  },
  {
    what: "has the lines of YOLO",
    formats: ["yolo"],
    is: (start, name) => name.endsWith(".txt") && /^\s*\d+(?: -?\d*\.?\d+(?:e-?\d+)?){4,}\s*$/im.test(firstLine(start)),
  },
];

const START = 1 << 16; // bytes
const MOST_FILES = 20; // of a folder

/** What the file, or every one of the first files of the folder, holds; null when that is not clear. */
export function recognise(path: string): Recognised | null {
  try {
    if (!existsSync(path)) return null;
    if (!statSync(path).isDirectory()) return kindOf(path);
    const project = readdirSync(path).find((name) => /^[^.].*\.qpproj$/i.test(name));
    if (project !== undefined) return kindOf(join(path, project));
    const files = filesBelow(path, { extensions: EXTENSIONS, noun: "annotations" }).slice(0, MOST_FILES);
    const kinds = files.map((name) => kindOf(join(path, name)));
    return kinds.length > 0 && kinds.every((kind) => kind !== null && kind === kinds[0]) ? kinds[0] : null;
  } catch {
    return null; // the reader's error says what is wrong
  }
}

/** Without those of images: a folder of images is no sign of masks. */
const EXTENSIONS = [".xml", ".json", ".geojson", ".csv", ".tsv", ".txt", ".roi", ".zip", ".npy", ".mat", ".h5"];

/** Null also for a pipe or a device, which opening would wait for. */
function kindOf(file: string): Kind | null {
  if (!statSync(file).isFile()) return null;
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(START);
    const start = bytes.toString("latin1", 0, readSync(handle, bytes, 0, START, 0)).replace(/^\xef\xbb\xbf/, "");
    return KINDS.find(({ is }) => is(start, `${file.toLowerCase()}`)) ?? null;
  } finally {
    closeSync(handle);
  }
}
