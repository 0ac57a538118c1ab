// A table of results of ImageJ and Fiji, as "Save As" writes it: a header, whose first column, of the rows' numbers, has no name; then a
// row for each object. X and Y are its centre, BX, BY, Width and Height its bounds, all in the unit of the image's scale, which the
// table does not say.

import { UserError } from "../../errors.ts";
import { CSV_COST } from "../../files/heap-room.ts";
import { readTextFile } from "../../files/text-file.ts";
import { decimal } from "../decimal.ts";
import type { Mark, Place } from "../source.ts";

export interface ResultsOptions {
  readonly units?: "pixels" | "microns";
  readonly mpp?: number;
}

export interface ResultRow extends Mark {
  /** "a.tif:0001-0023-0042": the image and perhaps the ROI; null without a column Label. */
  readonly image: string | null;
  /** Of a stack or time series; 0 without one. */
  readonly slice: number;
}

/**
 * The rows of a table. A class is in the column Type, Class or Counter. Throws a UserError with file and line on a header without
 * places, on numbers that are none, and where the unit is not certain: unless `units` says, all places must be whole numbers.
 */
export function readResults(file: string, { units, mpp }: ResultsOptions): ResultRow[] {
  const fault = (line: number, message: string): UserError => new UserError(`${file}:${line}: ${message}`);
  if (units === "microns" && mpp === undefined) throw fault(1, "places in microns need the size of a pixel; add --mpp");
  const scale = units === "microns" ? 1 / (mpp as number) : 1;
  let columns: Columns | null = null;
  let separator = ",";
  let whole = 0;
  let fraction: { line: number; value: number } | null = null;
  const rows: ResultRow[] = [];
  const known = new Map<string, string>();
  const shared = (text: string): string => {
    if (!known.has(text)) known.set(text, text);
    return known.get(text) as string;
  };
  let line = 0;
  for (const text of readTextFile(file, CSV_COST).split("\n")) {
    line++;
    if (text.trim() === "") continue;
    if (columns === null) {
      separator = text.includes("\t") ? "\t" : text.includes(";") && !text.includes(",") ? ";" : ",";
      columns = columnsOf(cells(text, separator), (message) => fault(line, message));
      continue;
    }
    const row = cells(text, separator);
    if (row.length !== columns.count)
      throw fault(line, `has ${row.length} columns, but the header has ${columns.count}; correct or remove the line`);
    const number = (column: number): number => {
      const cell = separator === "," ? row[column] : row[column].replace(",", ".");
      const value = decimal(cell);
      if (Number.isNaN(value))
        throw fault(line, `expected a number, got "${row[column].slice(0, 60)}"; correct or remove the line`);
      return value;
    };
    const values = columns.places.map(number);
    const odd = values.find((value) => !Number.isInteger(value));
    if (odd === undefined) whole++;
    else fraction ??= { line, value: odd };
    rows.push({
      image: columns.label === -1 ? null : shared(row[columns.label]),
      label: columns.type === -1 || row[columns.type] === "" ? null : shared(row[columns.type]),
      slice: columns.slice === -1 ? 0 : number(columns.slice),
      place: placeOf(values.map((value) => value * scale)),
      file,
      line,
    });
  }
  if (columns === null) throw fault(1, "is empty; expected a table of results with columns X and Y");
  if (units === undefined && rows.length > 0 && (fraction !== null || whole < SURE)) {
    const why = fraction === null ? `${rows.length} rows are too few to tell` : `${fraction.value} is not whole`;
    throw fault(
      fraction?.line ?? 1,
      `the table does not say whether its places are pixels (${why}); pass --units pixels, or --units microns with --mpp`,
    );
  }
  return rows;
}

/** So many rows of whole numbers are pixels: in microns some would have a fraction. */
const SURE = 5;

interface Columns {
  readonly count: number;
  /** X and Y, or BX, BY, Width and Height. */
  readonly places: readonly number[];
  /** −1 for one that is not there. */
  readonly label: number;
  readonly type: number;
  readonly slice: number;
}

function columnsOf(names: readonly string[], fault: (message: string) => UserError): Columns {
  const find = (...wanted: string[]): number => wanted.map((name) => names.indexOf(name)).find((i) => i !== -1) ?? -1;
  const bounds = ["BX", "BY", "Width", "Height"].map((name) => find(name));
  const centre = [find("X", "x"), find("Y", "y")];
  const mass = [find("XM"), find("YM")];
  const places = [bounds, centre, mass].find((columns) => !columns.includes(-1));
  if (places === undefined)
    throw fault("the header has no columns X and Y; choose Centroid or Bounding rectangle in Set Measurements and measure again");
  const twice = names.find((name, i) => name !== "" && names.indexOf(name) !== i);
  if (twice !== undefined) throw fault(`the header has the column "${twice}" twice; remove one`);
  return {
    count: names.length,
    places,
    label: find("Label"),
    type: find("Type", "Class", "class", "Counter"),
    slice: find("Slice", "Frame"),
  };
}

/** A point, or bounds with an area. */
function placeOf([x, y, width, height]: readonly number[]): Place {
  if (width === undefined) return { kind: "point", x, y };
  if (width === 0 && height === 0) return { kind: "point", x, y }; // the bounds of a point
  return { kind: "box", box: [x, y, x + width, y + height] };
}

function cells(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  const found: string[] = [];
  const pattern = new RegExp(`\\s*(?:"((?:[^"]|"")*)"|([^${separator}]*))\\s*(?:${separator}|$)`, "gy");
  for (let at = 0; at <= line.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match === null) return [...found, line.slice(at)];
    found.push(match[1] === undefined ? match[2].trim() : match[1].replaceAll('""', '"'));
    if (pattern.lastIndex >= line.length && !match[0].endsWith(separator)) break;
  }
  return found;
}
