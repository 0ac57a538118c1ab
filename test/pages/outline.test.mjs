// Every kind of page has the structure that is stored for it in this folder. After a deliberate change:
//   UPDATE_SNAPSHOTS=1 npm test -- pages/outline

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { outlineOf } from "./outline.mjs";
import { writePages } from "./pages.fixture.mjs";

const root = mkdtempSync(join(tmpdir(), "pages-"));
after(() => rmSync(root, { recursive: true }));

for (const [name, file] of Object.entries(await writePages(root)))
  test(`the structure of ${name}`, () => {
    const outline = outlineOf(readFileSync(file, "utf8"));
    const stored = new URL(`${name}.outline.txt`, import.meta.url);
    if (process.env.UPDATE_SNAPSHOTS) writeFileSync(stored, outline);
    assert.ok(existsSync(stored), `${name}.outline.txt is missing; write it with: UPDATE_SNAPSHOTS=1 npm test -- pages/outline`);
    assert.equal(outline, readFileSync(stored, "utf8"), "deliberate? then: UPDATE_SNAPSHOTS=1 npm test -- pages/outline");
  });
