import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { UserError } from "../errors.ts";
import type { ExportSource } from "./export-source.ts";
import { exportFormats, type Format, formats, type ImportFormat, importFormats } from "./index.ts";

const root = mkdtempSync(join(tmpdir(), "import-formats-"));
after(() => rmSync(root, { recursive: true }));
const images = join(root, "images");
mkdirSync(images);

test("every format's reader loads, and refuses missing annotations in one line that names them", async () => {
  for (const [name, { read }] of Object.entries(importFormats)) {
    const annotations = join(root, "none");
    await assert.rejects(read({ images, annotations }), (error) => {
      assert.ok(error instanceof UserError, `${name}: ${error}`);
      assert.ok(error.message.startsWith(annotations) && !error.message.includes("\n"), `${name}: ${error.message}`);
      return true;
    });
  }
});

test("every format's reader refuses an empty folder in one line that names it", async () => {
  for (const [name, { read }] of Object.entries(importFormats)) {
    await assert.rejects(read({ images, annotations: images }), (error) => {
      assert.ok(error instanceof UserError, `${name}: ${error}`);
      assert.ok(error.message.startsWith(images) && !error.message.includes("\n"), `${name}: ${error.message}`);
      return true;
    });
  }
});

test("every format is read, written or both, and says in one line what its files are", () => {
  for (const [name, format] of Object.entries<Format>(formats)) {
    assert.ok(format.import ?? format.export, name);
    for (const { title } of [format.import, format.export].flatMap((part) => part ?? [])) assert.match(title, /^\S.*\S$/, name);
  }
});

test("every export is a file or a folder of files with the extension it states, and the importer of its name reads it back", async () => {
  const source: ExportSource = {
    images: [
      { id: 1, fileName: "a.png", width: 64, height: 48, marks: [{ box: [2, 4, 12, 14], label: "cell" }] },
      { id: 2, fileName: "b.png", width: 64, height: 48, marks: [{ box: [20, 20, 30, 30], label: "other" }] },
    ],
    categories: [
      { id: 1, name: "cell" },
      { id: 2, name: "other" },
    ],
  };
  const pixels = sharp({ create: { width: 64, height: 48, channels: 3, background: "#ffffff" } });
  for (const { fileName } of source.images) await pixels.clone().toFile(join(images, fileName));
  for (const [name, { writes, extension, beside = [], write }] of Object.entries(exportFormats)) {
    const out = join(root, `out-${name}${writes === "file" ? extension : ""}`);
    await write(source, out);
    const entries = writes === "file" ? [] : readdirSync(out, { recursive: true, withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    const files = writes === "file" ? [out] : names.filter((name) => !beside.includes(name));
    assert.equal(files.length, writes === "file" ? 1 : 2, name);
    for (const file of files) assert.ok(file.endsWith(extension), `${name}: ${file}`);
    const reader = (importFormats as { readonly [name: string]: ImportFormat | undefined })[name];
    if (reader === undefined) continue;
    const { images: back } = await reader.read({ images, annotations: out });
    const middles = back.map(({ marks: [{ place, label }] }) => [
      label,
      ...(place.kind === "point" ? [place.x, place.y] : middleOf(place.kind === "box" ? place.box : place.rings[0])),
    ]);
    assert.deepEqual(
      middles,
      [
        ["cell", 7, 9],
        ["other", 25, 25],
      ],
      name,
    );
  }
});

/** Of a box or a rectangle's ring: opposite corners are the first and the third point. */
const middleOf = (corners: readonly number[]): number[] => {
  const [x, y] = corners.length === 4 ? corners.slice(2) : corners.slice(4);
  return [(corners[0] + x) / 2, (corners[1] + y) / 2].map((value) => Math.round(value * 1000) / 1000);
};
