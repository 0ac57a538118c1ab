// Key points in CSV (RFC 4180): a header with `image`, `x`, `y` and optionally `label`, then one point per line. The habits of
// spreadsheets are accepted: columns in any order, other columns, a byte order mark, CRLF, and semicolons or tabs instead of commas
// (then also 12,5 for 12.5). A field cannot span lines, so that every error has one line.

import { CsvError, parse } from "csv-parse/sync";
import { UserError } from "../../errors.ts";
import { CSV_COST } from "../../files/heap-room.ts";
import { readTextFile } from "../../files/text-file.ts";
import { DECIMAL } from "../decimal.ts";
import type { FaultyMarks } from "../faulty-marks.ts";

export interface CsvPoint {
  readonly line: number;
  /** As written in the file. */
  readonly image: string;
  /** Pixels from the image's left and top edge. */
  readonly x: number;
  readonly y: number;
  /** Null when the file has no label column. */
  readonly label: string | null;
}

export interface PointsCsv {
  readonly points: readonly CsvPoint[];
  /** The images of faulty lines, as far as these name them. */
  readonly faultyImages: readonly { readonly image: string; readonly line: number }[];
  /** Columns that are not used. */
  readonly ignoredColumns: readonly string[];
}

/**
 * Reads a file of points. Throws a UserError with file and line on a wrong header and on quotes that are not paired; so it does, or
 * leaves the line out as `faulty` says, on a wrong number of columns and on what is no number.
 */
export function readCsvPoints(file: string, faulty: FaultyMarks): PointsCsv {
  const text = readTextFile(file, CSV_COST);
  const separator = separatorOf(text);
  const fault = (line: number, message: string): UserError => new UserError(`${file}:${line}: ${message}`);
  const points: CsvPoint[] = [];
  const faultyImages: { image: string; line: number }[] = [];
  const known = new Map<string, string>(); // one string per name, however many points have it
  let header = null as Header | null;
  forEachRow({ file, text, separator }, (line, values) => {
    if (header === null) {
      header = readHeader(values, (message) => fault(line, message));
      return;
    }
    const { names, columns } = header;
    const text = (name: "image" | "label"): string => {
      const value = values[columns[name]];
      if (value === "") throw fault(line, `the column "${name}" is empty; correct or remove the line`);
      const same = known.get(value);
      if (same === undefined) known.set(value, value);
      return same ?? value;
    };
    const number = (name: "x" | "y"): number => {
      const value = separator === "," ? values[columns[name]] : values[columns[name]].replace(",", ".");
      if (DECIMAL.test(value) && Number.isFinite(Number(value))) return Number(value);
      throw fault(line, `${name}: expected a number, got "${values[columns[name]]}"; correct or remove the line`);
    };
    const isFaulty = faulty.isFaulty(() => {
      if (values.length !== names.length)
        throw fault(line, `has ${values.length} columns, but the header has ${names.length}; correct the line`);
      points.push({
        line,
        image: text("image"),
        x: number("x"),
        y: number("y"),
        label: columns.label === -1 ? null : text("label"),
      });
    });
    const image = values[columns.image];
    if (isFaulty && image) faultyImages.push({ image, line });
  });
  if (header === null) throw new UserError(`${file}:1: is empty; expected the header image,x,y or image,x,y,label`);
  return { points, faultyImages, ignoredColumns: header.names.filter((name) => !COLUMNS.has(name)) };
}

interface Header {
  readonly names: readonly string[];
  /** The index of each column; −1 for a missing label column. */
  readonly columns: { readonly [name in "image" | "x" | "y" | "label"]: number };
}

const COLUMNS = new Set(["image", "x", "y", "label"]);

function readHeader(values: readonly string[], fault: (message: string) => UserError): Header {
  const names = values.map((name) => name.toLowerCase());
  const column = (name: string, required: boolean): number => {
    const at = names.indexOf(name);
    if (at === -1 && required) throw fault(`the header has no column "${name}"; expected image,x,y or image,x,y,label`);
    if (names.lastIndexOf(name) !== at) throw fault(`the header has the column "${name}" twice`);
    return at;
  };
  return {
    names,
    columns: { image: column("image", true), x: column("x", true), y: column("y", true), label: column("label", false) },
  };
}

/** Comma, semicolon or tab, whichever is most frequent in the first line with text. */
function separatorOf(text: string): string {
  const header = /\S.*/.exec(text)?.[0] ?? "";
  const count = (character: string): number => header.split(character).length;
  return [",", ";", "\t"].reduce((best, next) => (count(next) > count(best) ? next : best));
}

/** Visits lines with text, each with its number. A quoted field that spans lines is an error, usually a missing quote. */
function forEachRow(
  { file, text, separator }: { file: string; text: string; separator: string },
  visit: (line: number, values: readonly string[]) => void,
): void {
  const unpaired = (line: number): UserError =>
    new UserError(`${file}:${line}: a quotation mark is not closed or is inside a field; double it ("") in a quoted field`);
  try {
    parse(text, {
      delimiter: separator,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
      on_record: (values: string[], { lines }) => {
        if (values.some((value) => /[\r\n]/.test(value))) throw unpaired(lines);
        visit(lines, values);
        return null; // otherwise the parser would collect all rows
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw unpaired(Number(error.lines));
  }
}
