// QuPath's table of points: a header "x y [c] [z] [t] [class] [name] [color]", then one point per line, with a tab after every
// column. Channel, plane, time, name and colour are ignored.

import { UserError } from "../../errors.ts";
import { CSV_COST } from "../../files/heap-room.ts";
import { readTextFile } from "../../files/text-file.ts";
import { decimal } from "../decimal.ts";
import type { FaultyMarks } from "../faulty-marks.ts";
import type { Mark, SourceImage } from "../source.ts";

/** The points of a file; the label is the class. Throws a UserError with file and line on an invalid header or number. */
export function readTsvMarks(file: string, faulty: FaultyMarks): Pick<SourceImage, "marks" | "faulty"> {
  const [header, ...rows] = readTextFile(file, CSV_COST).split(/\r?\n/).map(cells);
  const columns = header.map((name) => name.toLowerCase());
  const [x, y, label] = ["x", "y", "class"].map((name) => columns.indexOf(name));
  if (x === -1 || y === -1)
    throw new UserError(
      `${file}:1: the header has no columns x and y; pass points exported from QuPath, with tabs between columns`,
    );
  const marks: Mark[] = [];
  const isEmpty = (row: readonly string[]): boolean => row.every((cell) => cell === "");
  const left = rows.filter((row, i) => !isEmpty(row) && faulty.isFaulty(() => readRow(row, i + 2))).length;
  return { marks, ...(left === 0 ? {} : { faulty: left }) };

  function readRow(row: readonly string[], line: number): void {
    const number = (column: number): number => {
      const value = decimal(row[column] ?? "");
      if (Number.isNaN(value))
        throw new UserError(
          `${file}:${line}: ${columns[column]}: expected a number, got "${row[column] ?? ""}"; correct the line`,
        );
      return value;
    };
    const name = row[label] ?? "";
    const place = { kind: "point", x: number(x), y: number(y) } as const;
    marks.push({ place, label: name === "" || name === "null" ? null : name, file, line });
  }
}

/** The cells of a line, without the quotation marks that spreadsheets add. */
function cells(line: string): string[] {
  return line.split("\t").map((cell) => {
    const text = cell.trim();
    return /^".*"$/.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text;
  });
}
