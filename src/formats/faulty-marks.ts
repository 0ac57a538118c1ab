// What becomes of a mark that a reader cannot read because the file is wrong there: the reading ends with its error or, with
// `dropInvalid`, the mark is left out, counted and named.

import { UserError } from "../errors.ts";
import type { FaultyReport, SourceOptions } from "./source.ts";

const NAMED = 20;

export class FaultyMarks {
  readonly #dropInvalid: boolean;
  readonly #first: string[] = [];
  #count = 0;

  constructor({ dropInvalid = false }: Pick<SourceOptions, "dropInvalid">) {
    this.#dropInvalid = dropInvalid;
  }

  /** Reads a mark; whether it is faulty and left out. */
  isFaulty(read: () => void): boolean {
    try {
      read();
      return false;
    } catch (error) {
      if (!(error instanceof UserError) || !this.#dropInvalid) throw error;
      this.#count++;
      if (this.#first.length < NAMED) this.#first.push(error.message);
      return true;
    }
  }

  /** For what the reader returns. */
  report(): { readonly faulty?: FaultyReport } {
    return this.#count === 0 ? {} : { faulty: { count: this.#count, first: this.#first } };
  }
}
