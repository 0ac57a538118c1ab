import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { refuse, succeed } from "../../cli.fixture.ts";

const dir = mkdtempSync(join(tmpdir(), "data-check-"));
after(() => rmSync(dir, { recursive: true }));

test("check-paper prints the paper's numbers, the dataset's and the difference", () => {
  mkdirSync(join(dir, "mitos/images"), { recursive: true });
  const image = { id: 1, file_name: "H03_00Aa.tiff", width: 1663, height: 1485 };
  writeFileSync(join(dir, "mitos/images", image.file_name), "");
  const annotations = [{ id: 1, image_id: 1, category_id: 1, bbox: [0, 0, 32, 32], area: 1024, iscrowd: 0 }];
  const categories = [{ id: 1, name: "mitosis" }];
  writeFileSync(join(dir, "mitos/annotations.json"), JSON.stringify({ images: [image], annotations, categories }));
  const table = (...args: string[]) => succeed(dir, "data", "check-paper", "mitos", ...args).stdout.replace(/ +/g, " ");
  assert.equal(table(), " paper found difference\npatches 393 1 -392\nmitoses 743 1 -742\npatches of 1663×1485 393 1 -392\n");
  assert.match(table("--dataset", "ki67"), /\ncells 21025 1 -21024\npatches of 1920×1080 206 0 -206\n$/);
  refuse(dir, [["data", "check-paper", "nowhere"], /^nowhere: no such folder; check the path$/]);
});
