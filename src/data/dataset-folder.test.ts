import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { UserError } from "../errors.ts";
import type { Dataset } from "./dataset.ts";
import { annotationsPath, imagePath, readDataset, writeDataset, writeImage } from "./dataset-folder.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dataset-folder-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** A dataset of two images, whose pixels nobody looks at here, not yet in any folder. */
function twoImages(): { dataset: Dataset; imagesFrom: string } {
  write("mine/a.png", "pixels of a");
  write("mine/sub/b.png", "pixels of b");
  const image = { width: 10, height: 10, group: "g", split: "train" } as const;
  const dataset: Dataset = {
    dir: "nowhere",
    images: [
      { id: 1, fileName: "a.png", ...image },
      { id: 2, fileName: "sub/b.png", ...image },
    ],
    annotations: [{ id: 1, imageId: 2, categoryId: 1, box: [1, 2, 3, 4], hidden: false }],
    categories: [{ id: 1, name: "cell" }],
  };
  return { dataset, imagesFrom: join(root, "mine") };
}

function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replaceAll(`${root}/`, "");
  }
  return assert.fail("did not throw");
}

test("what is written can be read back, with images as hard links, also from a second folder", () => {
  const { dataset, imagesFrom } = twoImages();
  const first = writeDataset(dataset, join(root, "first"), { imagesFrom });
  assert.deepEqual(first, { ...dataset, dir: join(root, "first") });
  assert.deepEqual(readDataset(first.dir), first);
  const second = writeDataset(first, join(root, "second"));
  assert.deepEqual(readDataset(second.dir), { ...first, dir: second.dir });
  assert.equal(readFileSync(imagePath(second.dir, second.images[1]), "utf8"), "pixels of b");
  assert.equal(statSync(imagePath(second.dir, second.images[0])).ino, statSync(join(imagesFrom, "a.png")).ino);
});

const SHARED_MEMORY = "/dev/shm"; // on Linux a file system of its own

test("images are copied where hard links are impossible", {
  skip: !existsSync(SHARED_MEMORY) || statSync(SHARED_MEMORY).dev === statSync(tmpdir()).dev,
}, () => {
  const { dataset, imagesFrom } = twoImages();
  const elsewhere = mkdtempSync(join(SHARED_MEMORY, "dataset-folder-"));
  try {
    const { dir } = writeDataset(dataset, join(elsewhere, "out"), { imagesFrom });
    assert.equal(readFileSync(imagePath(dir, dataset.images[1]), "utf8"), "pixels of b");
    assert.deepEqual(readdirSync(join(dir, "images")), ["a.png", "sub"]);
    rmSync(annotationsPath(dir));
    assert.deepEqual(writeDataset(dataset, dir, { imagesFrom }), { ...dataset, dir });
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});

test("a symbolic link to an image becomes the image", () => {
  const { dataset, imagesFrom } = twoImages();
  rmSync(join(imagesFrom, "a.png"));
  symlinkSync("sub/b.png", join(imagesFrom, "a.png"));
  const { dir } = writeDataset(dataset, join(root, "out"), { imagesFrom });
  assert.equal(readFileSync(join(dir, "images", "a.png"), "utf8"), "pixels of b");
});

test("an empty dataset is written and read", () => {
  const empty = writeDataset({ dir: "nowhere", images: [], annotations: [], categories: [] }, join(root, "out"));
  assert.deepEqual(readDataset(empty.dir), empty);
});

test("an existing dataset is never overwritten", () => {
  const { dataset, imagesFrom } = twoImages();
  const { dir } = writeDataset(dataset, join(root, "out"), { imagesFrom });
  const before = readFileSync(annotationsPath(dir), "utf8");
  assert.equal(
    errorOf(() => writeDataset({ ...dataset, annotations: [] }, dir, { imagesFrom })),
    "out: already holds a dataset; choose another folder or remove it first",
  );
  assert.equal(readFileSync(annotationsPath(dir), "utf8"), before);
});

test("an interrupted write can be repeated, but a different image of the same name is kept", () => {
  const { dataset, imagesFrom } = twoImages();
  write("out/images/a.png", "pixels of a");
  const { dir } = writeDataset(dataset, join(root, "out"), { imagesFrom });
  rmSync(annotationsPath(dir));
  writeDataset(dataset, dir, { imagesFrom });
  const other = write("other/images/a.png", "pixels of c");
  assert.equal(
    errorOf(() => writeDataset(dataset, join(root, "other"), { imagesFrom })),
    "other/images/a.png: an image of this name already exists; choose another folder",
  );
  assert.equal(readFileSync(other, "utf8"), "pixels of c");
  assert.ok(!existsSync(annotationsPath(join(root, "other"))));
});

test("a missing image leaves no dataset", () => {
  const { dataset, imagesFrom } = twoImages();
  rmSync(join(imagesFrom, "sub"), { recursive: true });
  assert.equal(
    errorOf(() => writeDataset(dataset, join(root, "out"), { imagesFrom })),
    "mine/sub/b.png: is missing; check the path",
  );
  assert.deepEqual(readdirSync(join(root, "out")), ["images"]);
});

test("a folder cannot be written where a file exists", () => {
  const { dataset, imagesFrom } = twoImages();
  write("out", "a file");
  assert.match(
    errorOf(() => writeDataset(dataset, join(root, "out"), { imagesFrom })),
    /^out\/images\/a\.png: cannot be written: (not a directory|file already exists); free some space or choose another folder$/,
  );
});

test("a folder that is not a dataset is refused", () => {
  assert.equal(
    errorOf(() => readDataset(join(root, "none"))),
    "none: no such folder; check the path",
  );
  mkdirSync(join(root, "empty"));
  assert.match(
    errorOf(() => readDataset(join(root, "empty"))),
    /^empty: is not a dataset: it has no annotations\.json; make one with "npx sparsecell data import"/,
  );
  const { dataset, imagesFrom } = twoImages();
  const { dir } = writeDataset(dataset, join(root, "out"), { imagesFrom });
  rmSync(imagePath(dir, dataset.images[1]));
  assert.equal(
    errorOf(() => readDataset(dir)),
    "out/images/sub/b.png: is missing, but out/annotations.json lists it; add the file or remove its entry",
  );
});

test("a generated image is written once and never overwrites another", () => {
  const file = join(root, "images/a.png");
  for (let time = 0; time < 2; time++) writeImage(file, Buffer.from("pixels"));
  assert.match(
    errorOf(() => writeImage(file, Buffer.from("others"))),
    /a\.png: an image of this name already exists; choose another folder$/,
  );
  assert.equal(readFileSync(file, "utf8"), "pixels");
});
