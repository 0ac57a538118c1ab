import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { readDataset } from "../data/dataset-folder.ts";
import { UserError } from "../errors.ts";
import { type ImportOptions, importDataset } from "./import.ts";
import { readPointsCsv } from "./points-csv/read.ts";
import type { Mark, Place, Source, SourceImage, UnreadMark } from "./source.ts";

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

const nothing = {
  read: 0,
  kept: 0,
  hardNegatives: 0,
  clipped: 0,
  swapped: 0,
  duplicate: 0,
  outsideImage: 0,
  empty: 0,
  imageMissing: 0,
  imageUnreadable: 0,
  imageUnread: 0,
  windowUnreadable: 0,
};
const allRead = { covered: 0, imagesCovered: 0, leftOut: 0, imagesLeftOut: [], kinds: "", first: null };

let runs = 0;
async function run(csv: string, options: Partial<ImportOptions> = {}) {
  writeFileSync(points, csv);
  const out = join(root, `out${runs++}`);
  const source = readPointsCsv({ images, annotations: points });
  return { out, ...(await importDataset({ source, images, box: 32, out, ...options })) };
}

async function errorOf(csv: string, options: Partial<ImportOptions> = {}): Promise<string> {
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
    images: {
      found: 4,
      imported: 2,
      unmentioned: 2,
      unlabelled: 0,
      missing: 0,
      unreadable: 0,
      unread: 0,
      emptied: 0,
      ungrouped: 0,
      groups: 2,
    },
    annotations: { ...nothing, read: 4, kept: 3, clipped: 2, duplicate: 1 },
    regions: { complete: 0, ignore: 0 },
    unread: allRead,
    leftOut: { missing: [], unreadable: [], emptied: [] },
    pixels: [],
    notes: [],
  });
  assert.deepEqual(files(), before);
});

test("an image that no one has labelled is never an image without cells", async () => {
  const unlabelled = image([], { name: "case1_b", unlabelled: true });
  const { dataset, report } = await fromSource(
    { images: [image([mark(box(1, 1, 9, 9))]), unlabelled] },
    { keepEmpty: true, dropInvalid: true },
  );
  assert.ok(dataset.images.every(({ fileName }) => !fileName.startsWith("case1_b")));
  assert.deepEqual([report.images.unlabelled, report.images.unmentioned], [1, 0]);
  const twice = await fromSource({ images: [image([mark(box(1, 1, 9, 9))]), image([], { unlabelled: true })] });
  assert.deepEqual([twice.report.images.imported, twice.report.images.unlabelled, twice.report.notes], [1, 0, []]);
  assert.equal(
    await faultOf({ images: [unlabelled, image([], { name: "gone", unlabelled: true })] }),
    'a.xml:2: "case1_b" is not labelled, and no other image is; finish the annotation and export it again',
  );
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
  assert.deepEqual([report.images.groups, report.annotations.duplicate, report.notes], [2, 0, ['not used: columns "score"']]);
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
  assert.deepEqual([report.images.unmentioned, report.images.unreadable], [0, 1]);
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
  const hint = ", or drop invalid items with --drop-invalid";
  assert.equal(
    await errorOf(outside),
    `points.csv:3: the point (100.5, 30) lies outside its image "case1_a.png" of 100×60 pixels; correct it${hint}`,
  );
  assert.equal(await errorOf(missing), `points.csv:3: the image "case9" is not in images; correct the name${hint}`);
  assert.match(
    await errorOf(unreadable),
    /^images\/case3_cut\.png: cannot be decoded: .*, or drop invalid items with --drop-invalid$/,
  );
  const { report } = await run(`${good}case1_a,-1,30\ncase1_a,1,61\ncase9,1,1\ncase3_cut,1,1\ncase3_cut,2,2\n`, {
    dropInvalid: true,
  });
  assert.deepEqual(report.annotations, {
    ...nothing,
    read: 6,
    kept: 1,
    outsideImage: 2,
    imageMissing: 1,
    imageUnreadable: 2,
  });
  const { imported, unreadable: damaged, missing: absent } = report.images;
  assert.deepEqual([imported, damaged, absent], [1, 1, 1]);
  assert.deepEqual(report.leftOut, { missing: ["case9"], unreadable: ["case3_cut.png"], emptied: [] });
});

test("what cannot be imported gives a one-line error", async () => {
  assert.equal(
    await errorOf("image,x,y\ncase1_a,50,nan\n", { dropInvalid: true }),
    'points.csv:2: y: expected a number, got "nan"; correct or remove the line',
  );
  assert.match(await errorOf("image,x,y\n"), /^images: has no image that the annotations mention; check both/);
  assert.equal(
    await errorOf("image,x,y\ncase1_a,50,30\n", { groupPattern: /slide(\d)/ }),
    '--group-pattern slide(\\d) matches no image of images, for instance not "case1_a.png"; correct it',
  );
  assert.equal(
    await errorOf("image,x,y\ncase1_a,5,5\ncase1_b,5,5\ncase1_a.png,6,6\n"),
    'points.csv:4: "case1_a.png" and line 2\'s "case1_a" both refer to the image "case1_a.png"; keep one of them',
  );
  assert.match(
    await errorOf("image,x,y\na,1,1\n", { images: join(root, "none") }),
    /^none: cannot be read: no such file or directory; check the path of the images$/,
  );
  writeFileSync(join(images, "case1_a.jpg"), readFileSync(join(images, "case1_b.jpg")));
  try {
    assert.equal(
      await errorOf("image,x,y\ncase1_a,5,5\n"),
      'points.csv:2: the image "case1_a" could be "case1_a.jpg" or "case1_a.png"; add its folder',
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

// Sources of any format: marks on case1_a.png, which has 100×60 pixels.

const point = (x: number, y: number): Place => ({ kind: "point", x, y });
const box = (x1: number, y1: number, x2: number, y2: number): Place => ({ kind: "box", box: [x1, y1, x2, y2] });
const outline = (...rings: number[][]): Place => ({ kind: "outline", rings });
const mark = (place: Place, label: string | null = null, more: Partial<Mark> = {}): Mark => {
  return { place, label, file: "a.xml", line: 7, ...more };
};
const image = (marks: readonly Mark[], more: Partial<SourceImage> = {}): SourceImage => {
  return { name: "case1_a.png", marks, file: "a.xml", line: 2, ...more };
};

function fromSource(source: Source, options: Partial<ImportOptions> = {}) {
  return importDataset({ source, images, box: 10, out: join(root, `out${runs++}`), ...options });
}

async function faultOf(source: Source, options: Partial<ImportOptions> = {}): Promise<string> {
  const error = await fromSource(source, options).then(
    () => assert.fail("was imported"),
    (error) => error,
  );
  assert.ok(error instanceof UserError, String(error));
  return error.message.replaceAll(`${root}/`, "");
}

test("boxes are clipped, outlines become bounding boxes, and both count as duplicates of their like only", async () => {
  const { dataset, report } = await fromSource({
    images: [
      image([
        mark(box(90, 50, 109, 69)),
        mark(outline([10, 10, 30, 12, 20, 40], [15, 15, 16, 16, 17, 15])),
        mark(box(10, 10, 30, 40)),
        mark(box(10, 10, 30, 40)),
        mark(point(100, 60)),
      ]),
    ],
  });
  assert.deepEqual(
    dataset.annotations.map(({ box }) => [...box]),
    [
      [90, 50, 100, 60],
      [10, 10, 30, 40],
      [10, 10, 30, 40],
      [95, 55, 100, 60],
    ],
  );
  assert.deepEqual(report.annotations, { ...nothing, read: 5, kept: 4, clipped: 2, duplicate: 1 });
});

test("regions come by the file's word or by their class, are kept as they are, and are no categories", async () => {
  const wide = [-5, -5, 200, -5, 200, 30];
  const marks = [
    mark(outline(wide, [1, 1, 2, 1, 2, 2]), "tissue"),
    mark(box(0, 0, 10, 20), "blur"),
    mark(box(0, 0, 10, 20), null, { region: "ignore" }),
    mark(box(50, 10, 60, 20), "roi", { region: "complete" }),
    mark(point(5, 5), "mitosis"),
  ];
  const classes = { completeClass: "tissue", ignoreClass: "blur" };
  const { dataset, report } = await fromSource({ images: [image(marks)] }, classes);
  assert.deepEqual(dataset.images[0].regions, [
    { kind: "complete", rings: [wide, [1, 1, 2, 1, 2, 2]] },
    { kind: "ignore", rings: [[0, 0, 10, 0, 10, 20, 0, 20]] },
    { kind: "complete", rings: [[50, 10, 60, 10, 60, 20, 50, 20]] },
  ]);
  assert.deepEqual(dataset.categories, [{ id: 1, name: "mitosis" }]);
  assert.deepEqual(report.regions, { complete: 2, ignore: 1 });
  assert.deepEqual(report.annotations, { ...nothing, read: 5, kept: 1, clipped: 0, duplicate: 1 });
  assert.deepEqual(readDataset(dataset.dir), dataset);

  const faults: [Mark, Partial<ImportOptions>, RegExp][] = [
    [mark(point(5, 5), "blur"), { ignoreClass: "blur" }, /^a\.xml:7: is a point, but its class is for regions; /],
    [
      mark(outline([1, 1, 2, 2]), "blur"),
      { ignoreClass: "blur" },
      /^a\.xml:7: is a region with an outline of fewer than 3 points; /,
    ],
    [
      mark(box(101, 0, 120, 9), "blur"),
      { ignoreClass: "blur" },
      /^a\.xml:7: the region around \(110\.5, 4\.5\) lies outside its image "case1_a\.png" of 100×60 pixels; correct it, or drop invalid items with --drop-invalid$/,
    ],
    [mark(point(5, 5), "a"), { ignoreClass: "blur" }, /^--ignore-class "blur": no annotation has this class \(classes: "a"\); /],
    [mark(point(5, 5)), { completeClass: "roi" }, /^--complete-class "roi": no annotation has this class \(classes: "cell"\); /],
    [
      mark(box(0, 0, 9, 9), "a"),
      { completeClass: "a", ignoreClass: "a" },
      /^--complete-class and --ignore-class both name "a"; /,
    ],
  ];
  for (const [wrong, options, message] of faults) assert.match(await faultOf({ images: [image([wrong])] }, options), message);
});

test("hard negatives are categories of their own, after all others", async () => {
  const marks = [mark(point(5, 5), "apoptosis"), mark(point(20, 20), "mitosis"), mark(point(40, 40), "debris")];
  const source = { images: [image(marks)], negativeLabels: ["debris", "not there"] };
  const { dataset, report } = await fromSource(source, { negative: ["apoptosis"] });
  assert.deepEqual(dataset.categories, [
    { id: 1, name: "mitosis" },
    { id: 2, name: "apoptosis", negative: true },
    { id: 3, name: "debris", negative: true },
  ]);
  assert.deepEqual(
    dataset.annotations.map(({ categoryId }) => categoryId),
    [2, 1, 3],
  );
  assert.equal(report.annotations.hardNegatives, 2);
  assert.deepEqual(readDataset(dataset.dir), dataset);
  assert.match(
    await faultOf(source, { negative: ["mitoses"] }),
    /^--negative "mitoses": no annotation has this class \(classes: "apoptosis", "debris", "mitosis"\); /,
  );
  assert.match(
    await faultOf({ images: [image(marks.slice(0, 1))] }, { negative: ["apoptosis"] }),
    /^every annotation is a hard negative \("apoptosis"\); /,
  );
});

test("what the source knows of an image is taken, and the options are stronger", async () => {
  const known = { size: { width: 100, height: 60 }, group: "slide 1", mpp: 0.5, split: "test" } as const;
  const source = { images: [image([], known), image([mark(point(5, 5))], { name: "case1_b" })], notes: ["2 skipped"] };
  const { dataset, report } = await fromSource(source);
  assert.deepEqual(dataset.images, [
    { id: 1, fileName: "case1_a.png", width: 100, height: 60, group: "slide 1", split: "test", mpp: 0.5 },
    { id: 2, fileName: "case1_b.jpg", width: 100, height: 60, group: "case1_b", split: "train" },
  ]);
  assert.deepEqual(report.notes, ["2 skipped"]);
  const other = await fromSource(source, { groupPattern: /_(a)/, mpp: 0.25 });
  assert.deepEqual(
    other.dataset.images.map(({ group, mpp }) => [group, mpp]),
    [
      ["a", 0.25],
      ["case1_b", 0.25],
    ],
  );
  assert.equal(
    await faultOf({ images: [image([], { size: { width: 60, height: 100 } })] }, { dropInvalid: true }),
    'a.xml:2: says that "case1_a.png" has 60×100 pixels, but it has 100×60; use the annotated image',
  );
});

test("a JPEG that EXIF turns has the size that it shows", async () => {
  const sideways = await sharp({ create: { width: 30, height: 20, channels: 3, background: "#c8a0b4" } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  writeFileSync(join(images, "turned.jpg"), sideways);
  try {
    const turned = image([mark(point(10, 28))], { name: "turned", size: { width: 20, height: 30 } });
    const { dataset } = await fromSource({ images: [turned] });
    assert.deepEqual([dataset.images[0].width, dataset.images[0].height, dataset.annotations[0].box], [20, 30, [5, 23, 15, 30]]);
  } finally {
    rmSync(join(images, "turned.jpg"));
  }
});

test("marks without area and outside their image are dropped and counted, or refused with their place", async () => {
  const wrong = [
    mark(box(5, 5, 5, 9)),
    mark(outline([])),
    mark(box(95, 0, 120, 9)),
    mark(box(0, 0, 9, Number.NaN)),
    mark(box(0, 0, 9, 9)),
  ];
  const { report } = await fromSource({ images: [image(wrong)] }, { dropInvalid: true });
  assert.deepEqual(report.annotations, { ...nothing, read: 5, kept: 1, outsideImage: 1, empty: 3 });
  const hint = ", or drop invalid items with --drop-invalid";
  assert.equal(
    await faultOf({ images: [image([wrong[0]])] }),
    `a.xml:7: the box has no area: it is 0 wide and 4 high; correct it${hint}`,
  );
  assert.equal(
    await faultOf({ images: [image([{ ...wrong[2], line: 0 }])] }),
    `a.xml: the box around (107.5, 4.5) lies outside its image "case1_a.png" of 100×60 pixels; correct it${hint}`,
  );
  assert.equal(
    await faultOf({ images: [image([]), image([], { file: "b.xml", name: "case1_a" })] }),
    'b.xml:2: "case1_a" and a.xml:2\'s "case1_a.png" both refer to the image "case1_a.png"; keep one of them',
  );
});

const unread = (kind: string, place?: Place): UnreadMark => ({ kind, file: "a.xml", line: 9, ...(place ? { place } : {}) });

test("regions to ignore cover marks that could not be read: bounding boxes, widened where they are thin", async () => {
  const marks = [mark(box(50, 30, 60, 40))];
  const covered = [
    unread("mask", outline([10, 10, 20, 10, 20, 30])),
    unread("mask", box(90, 50, 120, 80)),
    unread("polyline", outline([30, 20, 50, 20])),
    unread("skeleton", point(5, 30)),
    unread("mask", box(200, 200, 210, 210)),
  ];
  const { dataset, report } = await fromSource({ images: [image(marks, { unread: covered })] });
  const ring = (x1: number, y1: number, x2: number, y2: number) => [[x1, y1, x2, y1, x2, y2, x1, y2]];
  assert.deepEqual(dataset.images[0].regions, [
    { kind: "ignore", rings: ring(10, 10, 20, 30) },
    { kind: "ignore", rings: ring(90, 50, 100, 60) },
    { kind: "ignore", rings: ring(30, 10, 50, 30) },
    { kind: "ignore", rings: ring(0, 25, 10, 35) },
  ]);
  assert.deepEqual(report.unread, {
    ...allRead,
    covered: 5,
    imagesCovered: 1,
    kinds: "3 mask, 1 polyline, 1 skeleton",
    first: "a.xml:9: mask",
  });
  assert.deepEqual([report.annotations.kept, report.regions.ignore], [1, 0]);
  const alone = image([], { unread: covered.slice(0, 1) });
  const other = image([mark(point(5, 5))], { name: "case1_b" });
  assert.equal((await fromSource({ images: [alone, other] })).dataset.images[0].regions?.length, 1);
  assert.match(
    await faultOf({ images: [alone] }),
    /^a\.xml:9: mask: cannot be read, and nothing else is left \(unread: 1 mask\); /,
  );
});

test("an image with an unread mark of unknown place is left out, never an image without cells", async () => {
  const two = [
    image([mark(point(50, 30)), mark(point(20, 30))], { unread: [unread("mask", box(1, 1, 9, 9)), unread("mask")] }),
    image([mark(point(5, 5))], { name: "case1_b" }),
  ];
  for (const keepEmpty of [false, true]) {
    const { dataset, report } = await fromSource({ images: two }, { keepEmpty, dropInvalid: true });
    assert.ok(dataset.images.every(({ fileName }) => fileName !== "case1_a.png"));
    assert.deepEqual(report.unread, {
      ...allRead,
      leftOut: 2,
      imagesLeftOut: ["case1_a.png"],
      kinds: "2 mask",
      first: "a.xml:9: mask",
    });
    assert.deepEqual(report.annotations, { ...nothing, read: 3, kept: 1, imageUnread: 2 });
    assert.equal(report.images.unread, 1);
  }
  assert.equal(
    await faultOf({ images: [image([], { unread: [unread("mask")] })] }),
    "a.xml:9: mask: cannot be read, and nothing else is left (unread: 1 mask); export these marks in another form, or remove them",
  );
});

test("an image all of whose marks were dropped is left out, and an import that keeps none fails", async () => {
  const empty = mark(box(5, 5, 5, 9));
  const source = { images: [image([empty, empty]), image([mark(point(5, 5))], { name: "case1_b" })] };
  const { dataset, report } = await fromSource(source, { dropInvalid: true });
  assert.deepEqual([dataset.images.length, report.leftOut.emptied, report.images.emptied], [1, ["case1_a.png"], 1]);
  for (const images of [source.images.slice(0, 1), [...source.images.slice(0, 1), image([], { name: "case1_b" })]])
    assert.equal(
      await faultOf({ images }, { dropInvalid: true }),
      'images: none of 2 marks can be used, for instance none of "case1_a.png"; correct the annotations (without --drop-invalid the first error is named)',
    );
});

test("corners in the wrong order are put in order and counted", async () => {
  const marks = [mark(box(40, 50, 20, 30)), mark(box(20, 50, 40, 30)), mark(box(60, 10, 80, 20))];
  const { dataset, report } = await fromSource({ images: [image(marks)] });
  assert.deepEqual(
    dataset.annotations.map(({ box }) => box),
    [
      [20, 30, 40, 50],
      [20, 30, 40, 50],
      [60, 10, 80, 20],
    ],
  );
  assert.deepEqual(report.annotations, { ...nothing, read: 3, kept: 3, swapped: 2 });
});

test("marks in fractions of the image and boxes below a pixel are refused", async () => {
  const fractions = [mark(box(0.1, 0.2, 0.18, 0.29)), mark(box(0.9, 0.9, 1.02, 1))];
  const message = /^a\.xml:7: this mark and all others lie between 0 and 1, so they are fractions of the image/;
  assert.match(await faultOf({ images: [image(fractions)] }), message);
  assert.match(await faultOf({ images: [image([mark(point(0.5, 0.25)), mark(point(0.7, 0.1))])] }), message);
  assert.match(await faultOf({ images: [image([mark(outline([0.5, 0.25, 0.6, 0.3, 0.5, 0.4]))])] }), message);
  const other = image([mark(box(1, 1, 9, 9))], { name: "case1_b", file: "b.xml" });
  assert.match(await faultOf({ images: [other, image(fractions)] }), message);
  const tiny = [mark(box(10, 10, 10.1, 10.1)), mark(box(20, 30, 20.2, 30.2))];
  assert.match(
    await faultOf({ images: [image(tiny)] }),
    /^a\.xml:7: this mark and all others are smaller than a pixel; write them in pixels/,
  );
  assert.equal((await fromSource({ images: [image(tiny), other] })).report.annotations.kept, 3);
  const pixels = [mark(box(1, 1, 9, 9)), mark(box(11, 1, 19, 9))];
  assert.match(
    await faultOf({ images: [image([pixels[0], ...fractions, fractions[0]])] }),
    /^a\.xml:7: this mark and 2 of the 3 others lie between 0 and 1/,
  );
  assert.equal((await fromSource({ images: [image([...fractions, ...pixels])] })).report.annotations.kept, 4);
  assert.equal((await fromSource({ images: [image([mark(point(1, 1)), mark(point(0, 1))])] })).report.annotations.kept, 2);
});

test("a space around a label makes no class, a difference of case is noted", async () => {
  const marks = [
    mark(point(5, 5), "Mitosis"),
    mark(point(25, 5), "Mito\u00adsis \u200b"),
    mark(point(45, 5), "mitosis"),
    mark(point(65, 5), "\u00a0"),
  ];
  const { dataset, report } = await fromSource({ images: [image(marks)] });
  assert.deepEqual(
    dataset.categories.map(({ name }) => name),
    ["Mitosis", "cell", "mitosis"],
  );
  assert.deepEqual(
    dataset.annotations.map(({ categoryId }) => categoryId),
    [1, 1, 3, 2],
  );
  assert.deepEqual(report.notes, [
    'the classes "Mitosis" and "mitosis" differ only by case and stay apart; rename one if they are the same',
  ]);
  const negative = await fromSource({ images: [image(marks)], negativeLabels: [" mitosis"] }, { negative: ["Mitosis "] });
  assert.deepEqual(
    negative.dataset.categories.map(({ name }) => name),
    ["cell", "Mitosis", "mitosis"],
  );
  const roi = [mark(box(0, 0, 9, 9), "roi "), mark(point(20, 5))];
  assert.equal((await fromSource({ images: [image(roi)] }, { completeClass: "roi" })).report.regions.complete, 1);
});

test("ids of the source are kept, or remembered where they are text", async () => {
  const source = {
    images: [
      image([mark(point(5, 5), "b", { id: 30 }), mark(point(25, 5), "a", { id: 10 })], { id: 8 }),
      image([mark(point(5, 5), "a", { id: 20 })], { id: "mouse", name: "case1_b" }),
    ],
    categoryIds: new Map([
      ["a", 2],
      ["b", 1],
    ]),
  };
  const { dataset, report } = await fromSource(source);
  assert.deepEqual(
    dataset.images.map(({ id, sourceId }) => [id, sourceId]),
    [
      [8, undefined],
      [9, "mouse"],
    ],
  );
  assert.deepEqual(
    dataset.categories.map(({ id, name }) => [id, name]),
    [
      [2, "a"],
      [1, "b"],
    ],
  );
  assert.deepEqual(
    dataset.annotations.map(({ id, imageId, categoryId }) => [id, imageId, categoryId]),
    [
      [30, 8, 1],
      [10, 8, 2],
      [20, 9, 2],
    ],
  );
  assert.deepEqual(report.notes, []);
  assert.deepEqual(readDataset(dataset.dir), dataset);
});

test("an image listed twice under one name is one image with the marks of both", async () => {
  const twice = [
    image([mark(point(5, 5))], { id: 1 }),
    image([mark(point(25, 5))], { id: 2, line: 9, unread: [unread("mask", box(50, 50, 60, 60))] }),
  ];
  const { dataset, report } = await fromSource({ images: twice });
  assert.deepEqual([dataset.images.length, dataset.images[0].id, dataset.annotations.length], [1, 1, 2]);
  assert.equal(dataset.images[0].regions?.length, 1);
  assert.deepEqual(dataset.images[0].sourceId, [1, 2]);
  assert.deepEqual(readDataset(dataset.dir), dataset);
  assert.deepEqual(report.notes, [
    '1 images are listed again, the first at a.xml:9 ("case1_a.png"): the marks of both lists count, so look for cells that are marked twice',
  ]);
  const named = (fullName: string, line: number) => image([], { fullName, line });
  assert.equal(
    await faultOf({ images: [named("Train/a.png", 2), named("Test/a.png", 9)] }),
    'a.xml:9: "Test/a.png" and line 2\'s "Train/a.png" both refer to the image "case1_a.png"; keep one of them',
  );
  assert.equal(
    await faultOf({ images: [image([], { split: "test" }), image([], { line: 9, split: "train" })] }),
    'a.xml:9: the image "case1_a.png" has the split "train", but in line 2 it has the split "test"; make them equal',
  );
  const size = { width: 100, height: 60 };
  assert.equal(
    await faultOf({ images: [image([], { size }), image([], { line: 9, size: { ...size, width: 128 } })] }),
    'a.xml:9: the image "case1_a.png" is 128×60 pixels, but in line 2 it is 100×60 pixels; make them equal',
  );
  assert.equal(
    await faultOf({ images: [image([], { mpp: 0.25 }), image([], { line: 9 })] }),
    'a.xml:9: the image "case1_a.png" has no pixel size, but in line 2 it has pixels of 0.25 µm; make them equal',
  );
});

test("damage in the middle of an image shows with verify", async () => {
  const noise = Uint8Array.from({ length: 100 * 60 * 3 }, (_, i) => (i * i * 31) % 253);
  const bytes = await sharp(noise, { raw: { width: 100, height: 60, channels: 3 } })
    .png()
    .toBuffer();
  bytes.fill(0xff, 200, 400);
  writeFileSync(join(images, "damaged.png"), bytes);
  try {
    const source = { images: [image([mark(point(5, 5))], { name: "damaged" })] };
    assert.equal((await fromSource(source)).report.images.imported, 1);
    assert.match(
      await faultOf(source, { verify: true }),
      /^images\/damaged\.png: cannot be decoded: .*, or drop invalid items with --drop-invalid$/,
    );
  } finally {
    rmSync(join(images, "damaged.png"));
  }
});
