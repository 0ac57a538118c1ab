import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { UserError } from "../errors.ts";
import { readDataset } from "./dataset-folder.ts";
import { importPointsCsv, type PointsCsvImport } from "./import-points-csv.ts";

const root = mkdtempSync(join(tmpdir(), "import-"));
const images = join(root, "images");
const points = join(root, "points.csv");
after(() => rmSync(root, { recursive: true }));

before(async () => {
  mkdirSync(join(images, "sub"), { recursive: true });
  const patch = sharp({ create: { width: 100, height: 60, channels: 3, background: "#c8a0b4" } });
  writeFileSync(join(images, "case1_a.png"), await patch.png().toBuffer());
  writeFileSync(join(images, "case1_b.jpg"), await patch.jpeg().toBuffer());
  writeFileSync(join(images, "sub", "case2_a.tif"), await patch.resize(80, 80).tiff({ compression: "lzw" }).toBuffer());
  writeFileSync(join(images, "case3_cut.png"), (await patch.png().toBuffer()).subarray(0, 60));
  writeFileSync(join(images, "notes.txt"), "no image");
  writeFileSync(join(images, ".hidden.png"), "no image");
});

let runs = 0;
async function run(csv: string, options: Partial<PointsCsvImport> = {}) {
  writeFileSync(points, csv);
  const out = join(root, `out${runs++}`);
  return { out, ...(await importPointsCsv({ images, points, box: 32, out, ...options })) };
}

async function errorOf(csv: string, options: Partial<PointsCsvImport> = {}): Promise<string> {
  const out = options.out ?? join(root, "failed");
  const error = await run(csv, { out, ...options }).then(
    () => assert.fail("was imported"),
    (error) => error,
  );
  assert.ok(error instanceof UserError, String(error));
  assert.ok(!existsSync(join(root, "failed")), "nothing may be left of a failed import");
  return error.message.replaceAll(`${root}/`, "");
}

test("points become boxes, images are found by name, and the report counts everything", async () => {
  const files = () =>
    readdirSync(images, { recursive: true }).map((name) => [
      name,
      String(name).includes(".") ? readFileSync(join(images, String(name))) : null,
    ]);
  const before = files();
  const { out, dataset, report } = await run(
    "image,x,y\ncase1_a,50,30\ncase1_a,50,30\ncase1_a,100,0\nsub\\case2_a.tif,10.5,40\n",
  );
  assert.deepEqual(readDataset(out), dataset);
  assert.deepEqual(
    dataset.images.map(({ id, fileName, width, height, group, split }) => [id, fileName, width, height, group, split]),
    [
      [1, "case1_a.png", 100, 60, "case1_a", "train"],
      [2, "sub/case2_a.tif", 80, 80, "sub/case2_a", "train"],
    ],
  );
  assert.deepEqual(
    dataset.annotations.map(({ imageId, box }) => [imageId, ...box]),
    [
      [1, 34, 14, 66, 46],
      [1, 84, 0, 100, 16],
      [2, 0, 24, 26.5, 56],
    ],
  );
  assert.deepEqual(dataset.categories, [{ id: 1, name: "cell" }]);
  assert.deepEqual(report, {
    images: { found: 4, imported: 2, withoutPoints: 2, unreadable: 0, ungrouped: 0, groups: 2 },
    annotations: { read: 4, kept: 3, clipped: 2, duplicate: 1, outsideImage: 0, imageMissing: 0, imageUnreadable: 0 },
    ignoredColumns: [],
  });
  assert.deepEqual(files(), before);
});

test("labels become categories, the pattern makes groups", async () => {
  const csv = "image,label,x,y,score\ncase1_a,neg,50,30,1\ncase1_a,pos,50,30,1\ncase1_b,pos,20,20,1\ncase2_a,neg,20,20,1\n";
  const { dataset, report } = await run(csv, { groupPattern: /case(\d)/, box: 10 });
  assert.deepEqual(dataset.categories, [
    { id: 1, name: "neg" },
    { id: 2, name: "pos" },
  ]);
  assert.deepEqual(
    dataset.annotations.map(({ categoryId }) => categoryId),
    [1, 2, 2, 1],
  );
  assert.deepEqual(
    dataset.images.map(({ group }) => group),
    ["1", "1", "2"],
  );
  assert.deepEqual([report.images.groups, report.annotations.duplicate, report.ignoredColumns], [2, 0, ["score"]]);
  const partly = await run(csv, { groupPattern: /^case\d/ });
  assert.deepEqual(
    partly.dataset.images.map(({ group }) => group),
    ["case1", "case1", "sub/case2_a"],
  );
  assert.equal(partly.report.images.ungrouped, 1);
});

test("images without points are left out, or kept as empty ones", async () => {
  const all = { keepEmpty: true, dropInvalid: true };
  const { dataset, report } = await run("image,x,y\ncase1_a,50,30\n", all);
  assert.deepEqual(
    dataset.images.map(({ fileName }) => fileName),
    ["case1_a.png", "case1_b.jpg", "sub/case2_a.tif"],
  );
  assert.deepEqual([report.images.withoutPoints, report.images.unreadable], [0, 1]);
  const empty = await run("image,x,y\n", all);
  assert.deepEqual(
    [empty.dataset.images.length, empty.dataset.annotations, empty.dataset.categories],
    [3, [], [{ id: 1, name: "cell" }]],
  );
  assert.deepEqual(readDataset(empty.out), empty.dataset);
});

test("what is invalid stops the import, or is dropped and counted", async () => {
  const good = "image,x,y\ncase1_a,50,30\n";
  const outside = `${good}case1_a,100.5,30\n`;
  const missing = `${good}case9,1,1\n`;
  const unreadable = `${good}case3_cut,1,1\n`;
  const hint = ", or leave such out with --drop-invalid";
  assert.equal(
    await errorOf(outside),
    `points.csv:3: the point (100.5, 30) lies outside its image "case1_a.png" of 100×60 pixels; correct it${hint}`,
  );
  assert.equal(await errorOf(missing), `points.csv:3: the image "case9" is not in images; correct the name${hint}`);
  assert.match(
    await errorOf(unreadable),
    /^images\/case3_cut\.png: cannot be decoded: .*, or leave such out with --drop-invalid$/,
  );
  const { report } = await run(`${good}case1_a,-1,30\ncase1_a,1,61\ncase9,1,1\ncase3_cut,1,1\ncase3_cut,2,2\n`, {
    dropInvalid: true,
  });
  assert.deepEqual(report.annotations, {
    read: 6,
    kept: 1,
    clipped: 0,
    duplicate: 0,
    outsideImage: 2,
    imageMissing: 1,
    imageUnreadable: 2,
  });
  assert.deepEqual([report.images.imported, report.images.unreadable], [1, 1]);
});

test("what cannot be imported at all is one line", async () => {
  assert.equal(
    await errorOf("image,x,y\ncase1_a,50,nan\n", { dropInvalid: true }),
    'points.csv:2: y is "nan", which is no number; correct or remove the line',
  );
  assert.match(await errorOf("image,x,y\n"), /^points\.csv: has no point on an image of images; check both/);
  assert.equal(
    await errorOf("image,x,y\ncase1_a,50,30\n", { groupPattern: /slide(\d)/ }),
    '--group-pattern slide(\\d) matches no image of images, for instance not "case1_a.png"; correct it',
  );
  assert.equal(
    await errorOf("image,x,y\ncase1_a,5,5\ncase1_b,5,5\ncase1_a.png,6,6\n"),
    'points.csv:4: "case1_a.png" and line 2\'s "case1_a" both mean the image "case1_a.png"; write one name',
  );
  assert.match(
    await errorOf("image,x,y\na,1,1\n", { images: join(root, "none") }),
    /^none: cannot be read: no such file or directory; check the path of the images$/,
  );
  writeFileSync(join(images, "case1_a.jpg"), readFileSync(join(images, "case1_b.jpg")));
  try {
    assert.equal(
      await errorOf("image,x,y\ncase1_a,5,5\n"),
      'points.csv:2: the image "case1_a" may be "case1_a.jpg" or "case1_a.png"; write which',
    );
  } finally {
    rmSync(join(images, "case1_a.jpg"));
  }
  const { out } = await run("image,x,y\ncase1_a,50,30\n");
  assert.match(await errorOf("image,x,y\ncase1_a,50,30\n", { out }), /^out\d+: already holds a dataset/);
});

test("progress counts the images that are read", async () => {
  const seen: string[] = [];
  await run("image,x,y\ncase1_a,50,30\ncase2_a,5,5\n", { onImage: (done, total) => seen.push(`${done}/${total}`) });
  assert.deepEqual(seen, ["1/2", "2/2"]);
});
