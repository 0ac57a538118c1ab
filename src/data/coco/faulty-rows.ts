// What becomes of the faulty rows of a file: the first one ends the reading, or all of them are left out, counted and named.

import { UserError } from "../../errors.ts";
import type { CocoRow } from "./row.ts";

/** What `--drop-invalid` asks of a reader. */
export interface RowOptions {
  /**
   * Leave faulty rows out, counted and named in the notes, or throw at the first; false: the error names the option, which is for
   * commands that have it.
   */
  readonly dropInvalid?: boolean;
}

/** A line about the boxes whose corners were put in order, or nothing. */
export function swappedNote(rows: readonly CocoRow[]): string[] {
  if (rows.length === 0) return [];
  const boxes = rows.length === 1 ? "1 box has" : `${rows.length} boxes have`;
  return [`${rows[0].file}:${rows[0].line}: ${boxes} a negative width or height; the corners were put in order`];
}

/** The error for what `--drop-invalid` would leave out. */
export const refusal = (fault: string): UserError => new UserError(`${fault}, or leave such rows out with --drop-invalid`);

const NAMED = 3; // of the rows that were left out

export class FaultyRows {
  readonly #dropInvalid: boolean | undefined;
  readonly #first: string[] = [];
  #count = 0;

  constructor({ dropInvalid }: RowOptions) {
    this.#dropInvalid = dropInvalid;
  }

  /**
   * What `read` makes of each row; those of which it throws a UserError are left out, or end the reading. Throws a UserError, too,
   * when none is left.
   */
  sound<Row, T>(rows: readonly Row[], read: (row: Row) => T): T[] {
    const items: T[] = [];
    for (const row of rows) {
      try {
        items.push(read(row));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        if (!this.#dropInvalid) throw this.#dropInvalid === false ? refusal(error.message) : error;
        this.leaveOut(error.message);
      }
    }
    if (items.length === 0 && rows.length > 0)
      throw new UserError(
        `${this.#first[0]}; ${rows.length === 1 ? "no other row is" : "all other rows are faulty too, and none is"} left`,
      );
    return items;
  }

  leaveOut(fault: string): void {
    this.#count++;
    if (this.#first.length < NAMED) this.#first.push(fault);
  }

  /** One line that counts what was left out and one for each of the first, or nothing. */
  notes(file: string): string[] {
    if (this.#count === 0) return [];
    const more = this.#count - this.#first.length;
    const rows = `${this.#count} faulty row${this.#count === 1 ? "" : "s"}`;
    return [
      `${file}: left out ${rows}:`,
      ...this.#first.map((fault) => `  ${fault}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ];
  }
}
