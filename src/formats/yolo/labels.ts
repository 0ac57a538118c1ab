// The lines of a label file of YOLO (https://docs.ultralytics.com/datasets/detect, …/segment, …/obb, …/pose): a class and numbers, all
// fractions of the image's width and height. Four numbers are a box's centre and size, six or more in pairs an outline; one more
// is the confidence of a prediction. With `kpt_shape` in data.yaml key points follow the box.

import { UserError } from "../../errors.ts";
import { CSV_COST } from "../../files/heap-room.ts";
import { readTextFile } from "../../files/text-file.ts";
import { micros } from "../../geometry/rotated-ring.ts";
import { decimal } from "../decimal.ts";
import type { FaultyMarks } from "../faulty-marks.ts";
import type { Mark, Place } from "../source.ts";

export interface YoloClasses {
  /** By class; null when no file names them. */
  readonly names: readonly string[] | null;
  /** Numbers of key points after each box; 0 without key points. */
  readonly keypointNumbers: number;
}

export interface YoloLabels {
  readonly marks: Mark[];
  /** Lines with a confidence. */
  readonly confident: number;
  /** Lines that were left out; none is not given. */
  readonly faulty?: number;
}

/**
 * The marks of a file on an image of `width` × `height` pixels. Throws a UserError with file and line on another number of
 * numbers, an unknown class, a confidence not between 0 and 1, and numbers far from 0 to 1, which are pixels.
 */
export function readYoloLabels(
  file: string,
  { width, height }: { readonly width: number; readonly height: number },
  { faulty, ...classes }: YoloClasses & { readonly faulty: FaultyMarks },
): YoloLabels {
  const marks: Mark[] = [];
  let [confident, left] = [0, 0];
  for (const [i, text] of readTextFile(file, CSV_COST).split("\n").entries()) {
    const fields = text.trim().split(/\s+/);
    if (fields[0] !== "" && faulty.isFaulty(() => readLine(fields, i + 1))) left++;
  }
  return { marks, confident, ...(left === 0 ? {} : { faulty: left }) };

  function readLine(fields: readonly string[], line: number): void {
    const fault = (message: string): UserError => new UserError(`${file}:${line}: ${message}`);
    const values = fields.map(decimal);
    const wrong = values.findIndex(Number.isNaN);
    if (wrong !== -1) throw fault(`expected numbers separated by spaces, got "${fields[wrong].slice(0, 60)}"; correct the line`);
    const [index, ...numbers] = values;
    const { count, form } = formOf(numbers.length, classes.keypointNumbers, fault);
    if (numbers.length > count + (form === "box" ? classes.keypointNumbers : 0)) {
      const confidence = numbers.at(-1) as number;
      if (confidence < 0 || confidence > 1)
        throw fault(`the last number should be a confidence from 0 to 1, got ${confidence}; write predictions without track ids`);
      confident++;
    }
    const fractions = numbers.slice(0, count);
    const pixel = fractions.find((value) => value > 2 || value < -1);
    if (pixel !== undefined)
      throw fault(
        `expected fractions of the image from 0 to 1, got ${pixel}, which looks like pixels; divide x by the image's width and y by its height`,
      );
    marks.push({ place: placeOf(form, fractions), label: labelOf(index, classes.names, fault), file, line });
  }

  function placeOf(form: "box" | "outline", fractions: readonly number[]): Place {
    const across = (x: number): number => onEdge(x * width, width);
    const down = (y: number): number => onEdge(y * height, height);
    if (form === "outline")
      return { kind: "outline", rings: [fractions.map((value, i) => (i % 2 === 0 ? across(value) : down(value)))] };
    const [x, y, w, h] = fractions;
    return { kind: "box", box: [across(x - w / 2), down(y - h / 2), across(x + w / 2), down(y + h / 2)] };
  }
}

/** How many numbers are a box or an outline. */
function formOf(
  length: number,
  keypointNumbers: number,
  fault: (message: string) => UserError,
): { readonly count: number; readonly form: "box" | "outline" } {
  const isBox = keypointNumbers > 0 ? [keypointNumbers + 4, keypointNumbers + 5].includes(length) : length === 4 || length === 5;
  if (isBox) return { count: 4, form: "box" };
  if (keypointNumbers > 0)
    throw fault(
      `has ${length} numbers after the class; expected 4 of a box and ${keypointNumbers} of its key points (kpt_shape)`,
    );
  if (length >= 6) return { count: length - (length % 2), form: "outline" };
  throw fault(`has ${length} numbers after the class; expected 4 of a box, or 6 or more of an outline; correct the line`);
}

function labelOf(index: number, names: readonly string[] | null, fault: (message: string) => UserError): string {
  if (!Number.isInteger(index) || index < 0) throw fault(`expected a class 0, 1, 2, …, got ${index}; correct the line`);
  if (names === null) return String(index);
  if (names[index] === undefined)
    throw fault(`the class ${index} has no name, which go from 0 to ${names.length - 1}; add it to the names`);
  return names[index];
}

/** Six decimals, as most tools write, let a box that touches the edge stick out a little. */
function onEdge(value: number, end: number): number {
  const slack = 1.6e-6 * end;
  return value < 0 && value >= -slack ? 0 : value > end && value <= end + slack ? end : micros(value);
}
