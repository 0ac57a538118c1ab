import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import type { Events, ImageFacts } from "../api.ts";
import { openProject } from "../project/open-project.ts";
import { emptyFolder, imageFolder, served, writeImage } from "../served.fixture.ts";
import type { StoredImage } from "./found.ts";
import { levelsOf, TILE, tileWindow } from "./levels.ts";

const factsOf = (width: number, height: number) => ({ width, height, levels: levelsOf({ width, height }) }) as ImageFacts;

test("the tiles of a level cover the image once, and the smallest level is one tile", () => {
  const side = fc.integer({ min: 1, max: 3000 });
  fc.assert(
    fc.property(side, side, (width, height) => {
      const facts = factsOf(width, height);
      assert.ok(tileWindow(facts, 0, 0, 0) && !tileWindow(facts, 0, 1, 0) && !tileWindow(facts, 0, 0, 1));
      assert.equal(tileWindow(facts, facts.levels, 0, 0), null);
      const full = facts.levels - 1;
      let pixels = 0;
      for (let y = 0; tileWindow(facts, full, 0, y); y++)
        for (let x = 0; ; x++) {
          const tile = tileWindow(facts, full, x, y);
          if (tile === null) break;
          assert.deepEqual({ ...tile.size }, { width: tile.window.width, height: tile.window.height });
          assert.ok(tile.size.width <= TILE && tile.size.height <= TILE);
          pixels += tile.size.width * tile.size.height;
        }
      assert.equal(pixels, width * height);
    }),
  );
});

const pixelsOf = async (response: Response) =>
  sharp(Buffer.from(await response.arrayBuffer()))
    .raw()
    .toBuffer({ resolveWithObject: true });

test("a folder of images: facts, tiles at their place, thumbnails", async (t) => {
  const folder = await imageFolder(t);
  const { get, project } = await served(t, { path: folder });
  const { images, classes, changes } = await project();
  assert.deepEqual(
    images.map(({ name, width, height, mpp, state, levels, group, slide }) => ({
      name,
      width,
      height,
      mpp,
      state,
      levels,
      group,
      slide,
    })),
    [
      { name: "a.png", width: 300, height: 200, mpp: null, state: "untouched", levels: 2, group: "a", slide: false },
      { name: "inner/b.png", width: 600, height: 520, mpp: null, state: "untouched", levels: 3, group: "inner/b", slide: false },
    ],
  );
  assert.deepEqual(
    classes.map(({ name, size }) => ({ name, size })),
    [{ name: "cell", size: 16 }],
  );
  assert.deepEqual(changes, []);

  const tiles = `/api/v1/images/${images[1].id}/tiles`;
  const { data, info } = await pixelsOf(await get(`${tiles}/2/1/1.jpg`));
  assert.deepEqual([info.width, info.height], [256, 256]);
  const at = (x: number, y: number) => [...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3)];
  for (const [value, expected] of [at(100, 50), [100, 50, 150]][0].map((value, i) => [
    value,
    [100, 50, (100 + 50 + 512) % 256][i],
  ]))
    assert.ok(Math.abs(value - expected) <= 12, `${value} is far from ${expected}`);
  assert.deepEqual((await pixelsOf(await get(`${tiles}/2/2/2.jpg`))).info.width, 600 - 512);
  for (const none of ["2/3/0.jpg", "3/0/0.jpg", "2/0/-1.jpg", "2/0/0.png", "x/0/0.jpg", "2/0/1e0.jpg", "9999999999/0/0.jpg"])
    assert.equal((await get(`${tiles}/${none}`)).status, 404, none);
  assert.equal((await get("/api/v1/images/nothing/tiles/0/0/0.jpg")).status, 404);

  const thumbnail = await get(`/api/v1/images/${images[1].id}/thumbnail.jpg`);
  assert.equal(thumbnail.headers.get("content-type"), "image/jpeg");
  assert.equal((await pixelsOf(thumbnail)).info.width, 256);
  assert.ok(readdirSync(join(folder, "sparsecell/thumbnails")).some((name) => name.startsWith(`${images[1].id}-`)));
  const tag = thumbnail.headers.get("etag") ?? "";
  assert.equal((await get(`/api/v1/images/${images[1].id}/thumbnail.jpg`, { "if-none-match": tag })).status, 304);
});

test("a missing or damaged image is a picture that says so, and the others are shown", async (t) => {
  const folder = await imageFolder(t);
  writeFileSync(join(folder, "damaged.png"), readFileSync(join(folder, "inner/b.png")).subarray(0, 5000));
  writeFileSync(join(folder, "text.png"), "no image");
  (await openProject({ path: folder })).close();
  rmSync(join(folder, "a.png"));
  const { get, project } = await served(t, { path: folder });
  const { images, changes } = await project();
  assert.deepEqual(
    images.map(({ name }) => name),
    ["damaged.png", "inner/b.png", "a.png"],
  );
  assert.match(changes.join("\n"), /^text\.png: cannot be decoded.*\na\.png: is missing$/);
  assert.ok(!JSON.stringify(changes).includes(folder), "no place on the disk");
  for (const [name, said] of [
    ["a.png", /file is missing/],
    ["damaged.png", /cannot be decoded/],
  ] as const) {
    const image = images.find((each) => each.name === name);
    for (const address of [`tiles/1/0/0.jpg`, "thumbnail.jpg"]) {
      const response = await get(`/api/v1/images/${image?.id}/${address}`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "image/svg+xml");
      assert.match(decodeURIComponent(response.headers.get("x-sparsecell-problem") ?? ""), said);
      const picture = await response.text();
      assert.match(picture, /^<svg .*<text/);
      assert.ok(!picture.includes(folder));
    }
  }
  const [damaged] = (await project()).images;
  assert.match(damaged.problem ?? "", /^cannot be decoded/);
  const other = images.find(({ name }) => name === "inner/b.png");
  assert.equal((await get(`/api/v1/images/${other?.id}/tiles/0/0/0.jpg`)).headers.get("content-type"), "image/jpeg");
});

test("images that are cut off are known without a look at them, and are told", async (t) => {
  const folder = await imageFolder(t);
  await writeImage(join(folder, "whole.jpg"));
  for (const [name, from] of [
    ["cut.png", "a.png"],
    ["cut.jpg", "whole.jpg"],
  ]) {
    const bytes = readFileSync(join(folder, from));
    writeFileSync(join(folder, name), bytes.subarray(0, bytes.length / 2));
  }
  const project = await openProject({ path: folder });
  t.after(() => project.close());
  const told: Events["image"][] = [];
  project.events.listen((name, data) => name === "image" && told.push(data as Events["image"]));
  await project.checkImages();
  const broken = project.facts().images.filter(({ problem }) => problem !== undefined);
  assert.deepEqual(
    broken.map(({ name }) => name),
    ["cut.jpg", "cut.png"],
  );
  assert.deepEqual(
    told,
    broken.map(({ id, problem }) => ({ id, problem })),
  );
  await writeImage(join(folder, "cut.png"));
  await project.thumbnail(project.image(broken[1].id) as StoredImage);
  assert.deepEqual(told.at(-1), { id: broken[1].id, problem: null });
  assert.equal(project.facts().images.filter(({ problem }) => problem !== undefined).length, 1);
});

test("a slide with one bad tile says so there, and shows the rest", async (t) => {
  const folder = emptyFolder(t);
  const file = join(folder, "slide.tif");
  const data = Buffer.alloc(3 * 1024 * 1024, 120);
  await sharp(data, { raw: { width: 1024, height: 1024, channels: 3 } })
    .tiff({
      tile: true,
      tileWidth: 256,
      tileHeight: 256,
      pyramid: true,
      compression: "jpeg",
      resolutionUnit: "cm",
      xres: 2000,
      yres: 2000,
    })
    .toFile(file);
  const bytes = readFileSync(file);
  const starts = [...bytes.toString("latin1").matchAll(/\xff\xd8\xff/g)].map(({ index }) => index);
  bytes.fill(0, starts[0], starts[0] + 100);
  writeFileSync(file, bytes);
  const { get, project } = await served(t, { path: file });
  const [image] = (await project()).images;
  assert.deepEqual([image.slide, image.mpp, image.levels], [true, 0.5, 3]);
  const types = new Map<string, number>();
  for (let y = 0; y < 4; y++)
    for (let x = 0; x < 4; x++) {
      const type = (await get(`/api/v1/images/${image.id}/tiles/2/${x}/${y}.jpg`)).headers.get("content-type") ?? "";
      types.set(type, (types.get(type) ?? 0) + 1);
    }
  assert.deepEqual(Object.fromEntries(types), { "image/svg+xml": 1, "image/jpeg": 15 });
  assert.deepEqual(readdirSync(folder).sort(), ["slide.tif", "slide.tif.sparsecell"]);
});

test("opening again goes on, and says which images are new, changed, of another size and missing", async (t) => {
  const folder = await imageFolder(t);
  for (const name of ["c", "d", "e"]) await writeImage(join(folder, `${name}.png`));
  const first = await served(t, { path: folder });
  const { images } = await first.project();
  const idOf = (name: string) => images.find((image) => image.name === name)?.id;
  await first.act({
    do: "add-cell",
    cell: { id: "cellinc01", image: idOf("c.png"), box: [1, 1, 9, 9], classId: null, from: "mark" },
  });
  await first.act({ do: "set-mpp", image: idOf("a.png"), mpp: 0.5 });
  await first.served.close();

  rmSync(join(folder, "c.png"));
  await writeImage(join(folder, "d.png"), { red: 200 });
  await writeImage(join(folder, "e.png"), { width: 310 });
  await writeImage(join(folder, "f.png"));
  const moved = `${folder}-moved`;
  renameSync(folder, moved);
  const again = await served(t, { path: moved });
  const now = await again.project();
  assert.equal(now.lastAction, 2);
  assert.deepEqual(now.changes, [
    "d.png: its file has changed",
    "e.png: had 300×200 pixels, now 310×200",
    "f.png: new",
    "c.png: is missing",
  ]);
  assert.deepEqual(
    now.images.filter(({ problem }) => problem).map(({ name, problem }) => `${name}: ${problem}`),
    [
      "e.png: had 300×200 pixels when it was marked, now 310×200; restore the image",
      "c.png: its file is missing; its marks are kept",
    ],
  );
  await again.served.close();
  mkdirSync(folder);
  await writeImage(join(folder, "a.png"));
  await assert.rejects(
    served(t, { path: folder, project: join(moved, "sparsecell") }),
    /is the project of .*-moved; choose another --project/,
  );
});

test("what cannot be opened is one line", async (t) => {
  const folder = emptyFolder(t);
  writeFileSync(join(folder, "notes.txt"), "");
  await assert.rejects(served(t, { path: join(folder, "nothing") }), /no such file or folder/);
  await assert.rejects(served(t, { path: folder }), /has no images and no slides/);
  await assert.rejects(served(t, { path: join(folder, "notes.txt") }), /none of its images can be read/);
  assert.deepEqual(readdirSync(folder), ["notes.txt"], "nothing is left behind");
});
