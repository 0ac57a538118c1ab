// What `data import` reads and `data export` writes.

import { code, heading, table } from "./markdown.mjs";

export async function formatsPage() {
  const { importFormats, exportFormats } = await import("../../dist/formats/index.js");
  return `${[
    heading("Formats", "src/formats/index.ts"),
    "## Read by `data import`",
    "",
    table(
      ["`--format`", "annotations", "`--annotations` may be left out"],
      Object.entries(importFormats).map(([name, { title, beside }]) => [
        code(name),
        title,
        beside ? "yes: they lie among the images" : "",
      ]),
    ),
    "",
    "Images are PNG, JPEG or TIFF files, found by name below `--images`. [Options](commands.md#data-import).",
    "",
    "## Written by `data export`",
    "",
    table(
      ["`--format`", "result"],
      Object.entries(exportFormats).map(([name, { title }]) => [code(name), title]),
    ),
    "",
    "[Options](commands.md#data-export). [Round trip with QuPath](../how-to/qupath.md).",
  ].join("\n")}\n`;
}
