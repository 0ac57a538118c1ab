import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { readDatasetImage } from "./dataset-image.ts";

test("an image is read only if it has the annotated size", async () => {
  const dir = mkdtempSync(join(tmpdir(), "dataset-image-"));
  try {
    mkdirSync(join(dir, "images"));
    const png = await sharp({ create: { width: 8, height: 6, channels: 3, background: "#010203" } })
      .png()
      .toBuffer();
    writeFileSync(join(dir, "images", "a.png"), png);
    const image = { id: 1, fileName: "a.png", width: 8, height: 6, group: "a", split: "train" } as const;
    assert.deepEqual([...(await readDatasetImage(dir, image)).data.subarray(0, 6)], [1, 2, 3, 1, 2, 3]);
    const message = /a\.png: has 8×6 pixels, but .*annotations\.json says 6×8; restore the annotated image$/;
    await assert.rejects(readDatasetImage(dir, { ...image, width: 6, height: 8 }), { name: "UserError", message });
  } finally {
    rmSync(dir, { recursive: true });
  }
});
