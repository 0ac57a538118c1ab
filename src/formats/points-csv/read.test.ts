import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readPointsCsv } from "./read.ts";

const dir = mkdtempSync(join(tmpdir(), "read-points-csv-"));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, "points.csv");

test("points of one name form one image, in any order, each with its line", () => {
  writeFileSync(file, "image,x,y,label,score\na,1,2,pos,0.5\nb,3,4,neg,1\n\na,5,6.5,neg,1\n");
  const mark = (x: number, y: number, label: string, line: number) => ({ place: { kind: "point", x, y }, label, file, line });
  assert.deepEqual(readPointsCsv({ images: dir, annotations: file }), {
    images: [
      { name: "a", file, line: 2, marks: [mark(1, 2, "pos", 2), mark(5, 6.5, "neg", 5)] },
      { name: "b", file, line: 3, marks: [mark(3, 4, "neg", 3)] },
    ],
    notes: ['not used: columns "score"'],
  });
});

test("without points there are no images", () => {
  writeFileSync(file, "image,x,y\n");
  assert.deepEqual(readPointsCsv({ images: dir, annotations: file }), { images: [], notes: [] });
});
