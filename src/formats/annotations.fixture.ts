// For tests of readers: a folder of images, of which only the names matter, and annotation files beside it.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { UserError } from "../errors.ts";
import type { RegionClasses } from "./regions.ts";
import type { Mark, Source, SourceOptions } from "./source.ts";

/** Runs a reader in a temporary folder. */
export function readerOf(read: (options: SourceOptions & RegionClasses) => Source, imageNames: readonly string[]) {
  const dir = mkdtempSync(join(tmpdir(), "annotations-"));
  after(() => rmSync(dir, { recursive: true }));
  const images = join(dir, "images");
  mkdirSync(images);
  for (const name of imageNames) write(join("images", name), "");

  return { read: readFiles, errorOf };

  function write(name: string, text: string): void {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }

  /** Reads the file if it is a single one, otherwise the folder of all. */
  function readFiles(files: { readonly [name: string]: string }, options: RegionClasses = {}): Source {
    rmSync(join(dir, "annotations"), { recursive: true, force: true });
    mkdirSync(join(dir, "annotations"));
    for (const [name, text] of Object.entries(files)) write(join("annotations", name), text);
    const [only, ...more] = Object.keys(files);
    const annotations = join(dir, "annotations", only !== undefined && more.length === 0 ? only : "");
    return read({ ...options, images, annotations });
  }

  /** The message that a user sees, without the temporary folder. */
  function errorOf(files: { readonly [name: string]: string }): string {
    try {
      readFiles(files);
    } catch (error) {
      assert.ok(error instanceof UserError, String(error));
      assert.doesNotMatch(error.message, /\n/);
      return error.message.replace(`${join(dir, "annotations")}/`, "");
    }
    return assert.fail("was read");
  }
}

/** A mark in short: its label, line and place, and the kind of region if it is one. */
export function brief({ label, line, place, region }: Mark): unknown[] {
  const at = place.kind === "point" ? [place.x, place.y] : place.kind === "box" ? place.box : place.rings;
  return [label, line, place.kind, at, ...(region === undefined ? [] : [region])];
}
