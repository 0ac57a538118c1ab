// MITOS-ATYPIA-14 (https://mitos-atypia-14.grand-challenge.org) as its archives unpack: per slide a folder A03/ (Aperio) or H03/
// (Hamamatsu, the same glass), sometimes nested in itself, with frames/x40/A03_00Aa.tiff and, in mitosis/, A03_00Aa_mitosis.csv and
// A03_00Aa_not_mitosis.csv: rows x,y,confidence without a header, in pixels of the x40 frame, possibly none. Frames at x10 and x20
// and the previews beside the CSV files are ignored.

import { basename, join } from "node:path";
import { UserError } from "../../errors.ts";
import { withoutExtension } from "../../files/file-name-index.ts";
import { filesBelow } from "../../files/files-below.ts";
import { CSV_COST } from "../../files/heap-room.ts";
import { findImages } from "../../files/image-folder.ts";
import { readTextFile } from "../../files/text-file.ts";
import { DECIMAL } from "../decimal.ts";
import type { Mark, Source, SourceImage, SourceOptions } from "../source.ts";

export interface MitosAtypiaOptions extends SourceOptions {
  /** positive (default): only frames with at least one mitosis, which are the paper's patches; all: every frame. */
  readonly frames?: "positive" | "all";
  /** Leave out mitoses of which the readers were less sure, 0 to 1; default 0. */
  readonly confidence?: number;
}

const MITOSIS = "mitosis";
const NOT_MITOSIS = "not mitosis";

/** Microns per pixel at x40. */
const MPP: { readonly [scanner: string]: number } = { A: 0.2455, H: 0.2273 };

/**
 * Reads the slides in the folder `annotations`; their frames are searched for in `images`, usually the same folder. The slide
 * number is the group, so that both scans of a glass stay together. "not mitosis" marks are hard negatives. Frames without a file
 * of mitoses are left out and noted: their content is unknown. Throws a UserError with file and line on a row that is not
 * x,y,confidence, on duplicate files of a frame, and when there is no slide.
 */
export function readMitosAtypia(options: MitosAtypiaOptions): Source {
  const { images: folder, annotations, frames: wanted = "positive", confidence = 0 } = options;
  const fileOf = annotationFiles(annotations);
  const pathOf = new Map(findImages(folder).flatMap((path) => (isFrame(path) ? [[frameName(path), path] as const] : [])));

  const images: SourceImage[] = [];
  let [withoutMitosis, unsure] = [0, 0];
  const withoutNegatives: string[] = [];
  for (const [frame, files] of fileOf) {
    if (files.mitosis === undefined) continue;
    const rows = readRows(files.mitosis);
    const mitoses = rows.filter((row) => row.confidence >= confidence);
    unsure += rows.length - mitoses.length;
    if (mitoses.length === 0 && wanted === "positive") {
      withoutMitosis++;
      continue;
    }
    if (files.negative === undefined) withoutNegatives.push(frame);
    const negatives = files.negative === undefined ? [] : readRows(files.negative);
    images.push({
      name: pathOf.get(frame) ?? frame,
      marks: [...mitoses.map(marked(files.mitosis, MITOSIS)), ...negatives.map(marked(files.negative ?? "", NOT_MITOSIS))],
      file: files.mitosis,
      line: 0,
      group: frame.slice(1, 3),
      mpp: MPP[frame[0]],
    });
  }
  const unread = [...pathOf.keys()].filter((frame) => fileOf.get(frame)?.mitosis === undefined);
  const notes = [
    note(withoutMitosis, "frames without a mitosis left out"),
    note(unsure, `mitoses with a confidence below ${confidence} left out`),
    note(unread.length, `frames without a file of mitoses left out, for instance ${unread[0]}`),
    note(withoutNegatives.length, `frames have no _not_mitosis.csv, for instance ${withoutNegatives[0]}`),
  ];
  return { images, negativeLabels: [NOT_MITOSIS], notes: notes.flat() };
}

interface FrameFiles {
  mitosis?: string;
  negative?: string;
}

/** The CSV files of each frame, by its name. */
function annotationFiles(folder: string): Map<string, FrameFiles> {
  const files = new Map<string, FrameFiles>();
  for (const path of filesBelow(folder, { extensions: [".csv"], noun: "annotations" })) {
    const match = /^([AH]\d\d_\d\d[A-D][a-d])(_not)?_mitosis\.csv$/i.exec(basename(path));
    if (match === null) continue; // scores of nuclear atypia
    const [, frame, not] = match;
    const ofFrame = files.get(frame) ?? {};
    const key = not === undefined ? "mitosis" : "negative";
    const before = ofFrame[key];
    if (before !== undefined)
      throw new UserError(`${join(folder, path)}: "${before}" is another file of frame ${frame}; remove one`);
    ofFrame[key] = join(folder, path);
    files.set(frame, ofFrame);
  }
  if (![...files.values()].some(({ mitosis }) => mitosis !== undefined))
    throw new UserError(
      `${folder}: has no file like A03/mitosis/A03_00Aa_mitosis.csv; pass the folder of the training slides (the test slides have none)`,
    );
  return files;
}

/** Whether an image is a frame at x40, by its name and, if it is in a folder for a magnification, by that folder. */
function isFrame(path: string): boolean {
  const magnification = /(?:^|\/)x(\d+)\/[^/]*$/i.exec(path)?.[1] ?? "40";
  return magnification === "40" && /^[AH]\d\d_\d\d[A-D][a-d]$/.test(frameName(path));
}

const frameName = (path: string): string => withoutExtension(basename(path));

interface Row {
  readonly line: number;
  readonly x: number;
  readonly y: number;
  readonly confidence: number;
}

function readRows(file: string): Row[] {
  return readTextFile(file, CSV_COST)
    .split(/\r\n|\n|\r/)
    .flatMap((text, i) => {
      if (text.trim() === "") return [];
      const values = text.split(",").map((value) => value.trim());
      const [x, y, confidence] = values.map(Number);
      const valid = values.length === 3 && values.every((value) => DECIMAL.test(value)) && confidence >= 0 && confidence <= 1;
      if (valid) return [{ line: i + 1, x, y, confidence }];
      const shown = text.length <= 60 ? text : `${text.slice(0, 57)}…`;
      throw new UserError(
        `${file}:${i + 1}: expected x,y,confidence, two numbers of pixels and a number from 0 to 1, got ${JSON.stringify(shown)}; correct or remove the line`,
      );
    });
}

const marked =
  (file: string, label: string) =>
  ({ line, x, y }: Row): Mark => ({ place: { kind: "point", x, y }, label, file, line });

const note = (count: number, text: string): string[] => (count === 0 ? [] : [`${count} ${text}`]);
