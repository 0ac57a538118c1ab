// Key points in CSV (RFC 4180): a header with `image`, `x`, `y` and, if there are kinds of cells, `label`; one point a line.
// Spreadsheets' habits are taken as they come: columns in any order, other columns, a byte order mark, CRLF, and semicolons
// or tabs in place of commas (then also 12,5 for 12.5). A field cannot span lines, so that every fault has its one line.

import { UserError } from "../errors.ts";
import { readTextFile } from "./text-file.ts";

export interface CsvPoint {
  readonly line: number;
  /** As the file has it. */
  readonly image: string;
  /** Pixels from the image's left and top edge. */
  readonly x: number;
  readonly y: number;
  /** Null when the file has no column of labels. */
  readonly label: string | null;
}

export interface PointsCsv {
  readonly points: readonly CsvPoint[];
  /** Columns of the header that mean nothing here. */
  readonly ignoredColumns: readonly string[];
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Reads a file of points. Throws a UserError with file and line on a wrong header, number of columns, number or quote. */
export function readPointsCsv(file: string): PointsCsv {
  const lines = readTextFile(file).split(/\r\n|\n|\r/);
  const first = lines.findIndex((line) => line.trim() !== "");
  if (first === -1) throw new UserError(`${file}:1: is empty; its first line should be image,x,y or image,x,y,label`);
  const separator = [",", ";", "\t"].reduce((best, next) =>
    count(lines[first], next) > count(lines[first], best) ? next : best,
  );
  const header = fields(first).map((name) => name.toLowerCase());
  const column = (name: string, required: boolean): number => {
    const at = header.indexOf(name);
    if (at === -1 && required)
      throw fault(first, `the header has no column "${name}"; it should be image,x,y or image,x,y,label`);
    if (header.lastIndexOf(name) !== at) throw fault(first, `the header has the column "${name}" twice`);
    return at;
  };
  const columns = { image: column("image", true), x: column("x", true), y: column("y", true), label: column("label", false) };

  const points: CsvPoint[] = [];
  for (let at = first + 1; at < lines.length; at++) {
    if (lines[at].trim() === "") continue;
    const values = fields(at);
    if (values.length !== header.length)
      throw fault(at, `has ${values.length} columns, the header has ${header.length}; correct the line`);
    const text = (name: "image" | "label"): string => {
      const value = values[columns[name]];
      if (value === "") throw fault(at, `the column "${name}" is empty; correct or remove the line`);
      return value;
    };
    const number = (name: "x" | "y"): number => {
      const value = separator === "," ? values[columns[name]] : values[columns[name]].replace(",", ".");
      if (NUMBER.test(value) && Number.isFinite(Number(value))) return Number(value);
      throw fault(at, `${name} is "${values[columns[name]]}", which is no number; correct or remove the line`);
    };
    points.push({
      line: at + 1,
      image: text("image"),
      x: number("x"),
      y: number("y"),
      label: columns.label === -1 ? null : text("label"),
    });
  }
  const known = new Set(Object.keys(columns));
  return { points, ignoredColumns: header.filter((name) => !known.has(name)) };

  function fields(at: number): string[] {
    const values = splitCsvLine(lines[at], separator);
    if (values === null)
      throw fault(at, 'a quotation mark is not closed or stands inside a field; write it twice ("") in a quoted field');
    return values;
  }
  function fault(at: number, message: string): UserError {
    return new UserError(`${file}:${at + 1}: ${message}`);
  }
}

/** The fields of one line, without quotes and the space around them; null when its quotes do not pair up. */
function splitCsvLine(line: string, separator: string): string[] | null {
  if (!line.includes('"')) return line.split(separator).map((field) => field.trim());
  const values: string[] = [];
  const field = new RegExp(`\\s*(?:"((?:[^"]|"")*)"\\s*|([^"${separator}]*))(${separator}|$)`, "y");
  for (;;) {
    const found = field.exec(line);
    if (found === null) return null;
    values.push((found[1] ?? found[2]).replaceAll('""', '"').trim());
    if (found[3] === "") return values;
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
