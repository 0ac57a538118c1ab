// Key points in CSV (RFC 4180): a header with `image`, `x`, `y` and, if there are kinds of cells, `label`; one point a line.
// Spreadsheets' habits are taken as they come: columns in any order, other columns, a byte order mark, CRLF, and semicolons
// or tabs in place of commas (then also 12,5 for 12.5). A field cannot span lines, so that every fault has its one line.

import { CsvError, parse } from "csv-parse/sync";
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
  const text = readTextFile(file);
  const separator = separatorOf(text);
  const [first, ...rest] = rows(file, text, separator);
  if (!first) throw new UserError(`${file}:1: is empty; its first line should be image,x,y or image,x,y,label`);
  const fault = (line: number, message: string): UserError => new UserError(`${file}:${line}: ${message}`);
  const header = first.values.map((name) => name.toLowerCase());
  const column = (name: string, required: boolean): number => {
    const at = header.indexOf(name);
    if (at === -1 && required)
      throw fault(first.line, `the header has no column "${name}"; it should be image,x,y or image,x,y,label`);
    if (header.lastIndexOf(name) !== at) throw fault(first.line, `the header has the column "${name}" twice`);
    return at;
  };
  const columns = { image: column("image", true), x: column("x", true), y: column("y", true), label: column("label", false) };

  const points = rest.map(({ line, values }): CsvPoint => {
    if (values.length !== header.length)
      throw fault(line, `has ${values.length} columns, the header has ${header.length}; correct the line`);
    const text = (name: "image" | "label"): string => {
      const value = values[columns[name]];
      if (value === "") throw fault(line, `the column "${name}" is empty; correct or remove the line`);
      return value;
    };
    const number = (name: "x" | "y"): number => {
      const value = separator === "," ? values[columns[name]] : values[columns[name]].replace(",", ".");
      if (NUMBER.test(value) && Number.isFinite(Number(value))) return Number(value);
      throw fault(line, `${name} is "${values[columns[name]]}", which is no number; correct or remove the line`);
    };
    return { line, image: text("image"), x: number("x"), y: number("y"), label: columns.label === -1 ? null : text("label") };
  });
  const known = new Set(Object.keys(columns));
  return { points, ignoredColumns: header.filter((name) => !known.has(name)) };
}

/** Of comma, semicolon and tab the one that the first line with text has most of. */
function separatorOf(text: string): string {
  const header = /\S.*/.exec(text)?.[0] ?? "";
  const count = (character: string): number => header.split(character).length;
  return [",", ";", "\t"].reduce((best, next) => (count(next) > count(best) ? next : best));
}

/** Lines with text, each with its number; a quoted field that goes on over lines is a fault, mostly a forgotten quote. */
function rows(file: string, text: string, delimiter: string): { line: number; values: string[] }[] {
  const unpaired = (line: number): UserError =>
    new UserError(
      `${file}:${line}: a quotation mark is not closed or stands inside a field; write it twice ("") in a quoted field`,
    );
  try {
    const parsed = parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    const broken = parsed.find(({ record }) => record.some((value) => /[\r\n]/.test(value)));
    if (broken) throw unpaired(broken.info.lines);
    return parsed.map(({ record, info }) => ({ line: info.lines, values: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw unpaired(Number(error.lines));
  }
}
