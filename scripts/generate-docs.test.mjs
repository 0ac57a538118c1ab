// The generated pages of docs/ are those that the program of today gives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { generatedPages, readPage } from "./generate-docs.mjs";

test("generated pages are current", async () => {
  const stale = (await generatedPages()).filter(([path, text]) => readPage(path) !== text);
  assert.deepEqual(
    stale.map(([path]) => `${path} is stale; run npm run docs`),
    [],
  );
});
