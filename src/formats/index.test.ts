import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../errors.ts";
import { importFormats } from "./index.ts";

const root = mkdtempSync(join(tmpdir(), "import-formats-"));
after(() => rmSync(root, { recursive: true }));
const images = join(root, "images");
mkdirSync(images);

test("every format's reader loads, and refuses annotations that are not there in one line that names them", async () => {
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
