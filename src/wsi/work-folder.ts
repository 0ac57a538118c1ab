// What an unfinished search of a slide leaves beside its output, to go on from: `cells.geojson.gz.partial/` with the settings
// (settings.json) and the finished rows (rows.journal). One process at a time works in it.

import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { UserError, unwritable } from "../errors.ts";
import { writeChunksAtomic, writeFileAtomic } from "../files/atomic-write.ts";
import { lockFolder } from "../files/folder-lock.ts";
import { Journal } from "../files/journal.ts";
import { readJsonFile } from "../files/json/file.ts";
import { isObject } from "../files/json/value.ts";
import type { Cells, FinishedRow } from "./detect-slide.ts";
import { rowBytes, rowFrom } from "./row-record.ts";

/** What the cells depend on, by the names under which people know them, such as "--score". */
export interface SlideSettings {
  readonly [name: string]: unknown;
}

const PART = 256; // cells

export const workFolderOf = (output: string): string => `${output}.partial`;

export class WorkFolder {
  readonly #dir: string;
  readonly #journal: Journal;
  readonly #unlock: () => void;

  /**
   * Opens or creates the folder. Throws a UserError while another process works in it, when it was begun with other settings and
   * when it cannot be written.
   */
  constructor(output: string, settings: SlideSettings) {
    this.#dir = workFolderOf(output);
    this.#unlock = lockFolder(this.#dir);
    try {
      const file = join(this.#dir, "settings.json");
      const changed = existsSync(file) ? changedSetting(file, settings) : null;
      if (changed)
        throw new UserError(`${this.#dir}: was begun with ${changed}; go on with the same settings, or remove it to begin again`);
      if (!existsSync(file)) {
        rmSync(this.#journalFile, { force: true });
        writeFileAtomic(file, settingsText(settings));
      }
      this.#journal = new Journal(this.#journalFile);
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  get #journalFile(): string {
    return join(this.#dir, "rows.journal");
  }

  /** The rows that are finished, from the first on. */
  *rows(): Generator<FinishedRow> {
    for (const record of this.#journal.records()) yield rowFrom(record);
  }

  /** In parts of at most `PART`, for a row has more of them the wider the slide is, and a cell as text takes 300 bytes. */
  *cells(): Generator<Cells> {
    for (const { cells } of this.rows())
      for (let from = 0; from < cells.scores.length; from += PART)
        yield {
          boxes: cells.boxes.subarray(4 * from, 4 * (from + PART)),
          scores: cells.scores.subarray(from, from + PART),
          labels: cells.labels.subarray(from, from + PART),
        };
  }

  /** The row is on the disk when this returns. */
  add(row: FinishedRow): void {
    this.#journal.append(rowBytes(row));
  }

  /** Lets go of the folder, which stays. */
  close(): void {
    this.#journal.close();
    this.#unlock();
  }

  /** Writes a file in the folder, then puts it in its place: a killed process leaves nothing anywhere else. */
  deliver(file: string, chunks: Iterable<string | Uint8Array>): void {
    const here = join(this.#dir, "output");
    writeChunksAtomic(here, chunks);
    try {
      renameSync(here, file);
    } catch (error) {
      throw unwritable(file, error);
    }
  }

  remove(): void {
    this.#journal.close();
    for (const name of readdirSync(this.#dir)) if (name !== "lock") rmSync(join(this.#dir, name), { force: true });
    this.#unlock(); // removes the folder, which is empty now
  }
}

export const settingsText = (settings: SlideSettings): string => `${JSON.stringify(settings, null, 2)}\n`;

/** The first setting that differs from those in the file, in words; null when none does. Throws a UserError when it is damaged. */
export function changedSetting(file: string, settings: SlideSettings): string | null {
  const json = readJsonFile(file);
  const recorded = json.value;
  if (!isObject(recorded)) throw json.fault([], "is damaged; remove its folder to begin again");
  const now = JSON.parse(JSON.stringify(settings)) as typeof recorded;
  const name = [...new Set([...Object.keys(now), ...Object.keys(recorded)])].find(
    (key) => !isDeepStrictEqual(recorded[key], now[key]),
  );
  if (name === undefined) return null;
  const shown = (value: unknown): string => (value === undefined || value === null ? "none" : short(JSON.stringify(value)));
  return `another ${name} (${shown(recorded[name])}, now ${shown(now[name])})`;
}

const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 20)}…` : text);
