import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { DatasetImage } from "./dataset.ts";
import { sharedImages } from "./shared-images.ts";

const root = mkdtempSync(join(tmpdir(), "shared-images-"));
after(() => rmSync(root, { recursive: true }));

function folder(name: string, files: { readonly [fileName: string]: string | null }) {
  mkdirSync(join(root, name, "images"), { recursive: true });
  const images = Object.entries(files).map(([fileName, text], id): DatasetImage => {
    if (text !== null) writeFileSync(join(root, name, "images", fileName), text);
    return { id, fileName, width: 1, height: 1, group: "g", split: "train" };
  });
  return { dir: join(root, name), images };
}

test("images are the same by their bytes, whatever their names; missing ones are not", () => {
  const training = folder("training", { "a.png": "one", "b.png": "two", "c.png": "three", "gone.png": null });
  const others = folder("others", { "a.png": "six", "x.png": "two", "y.png": "seventeen", "gone.png": null });
  assert.deepEqual(
    sharedImages(training, others).map(({ fileName }) => fileName),
    ["x.png"],
  );
  assert.equal(sharedImages(training, training).length, 3);
});
