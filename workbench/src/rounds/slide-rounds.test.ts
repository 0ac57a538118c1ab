// Rounds on slides with two classes, as a script without a page has them: by HTTP alone: mark, train some steps, answer, add
// and rename a class, export, train again from the first round, export.

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import sharp from "sharp";
import type { Box, Cell, Queue, Round, Sheet, Suspect } from "../api.ts";
import { openProject } from "../project/open-project.ts";
import { clientOf, emptyFolder, patient } from "../served.fixture.ts";
import { workbenchApp } from "../server/app.ts";
import { listen } from "../server/listen.ts";
import { PageFiles } from "../server/page-files.ts";
import { iou } from "../sparsecell.ts";

const [WIDTH, HEIGHT, RADIUS] = [640, 320, 9];
/** A network that learns nothing much in no time. */
const quick = ["--steps", "6", "--window", "64", "--threads", "1", "--dtype", "float32", "--no-augment", "--seed", "1"];

/** Rows of round cells, violet and brown in turn. */
const places = Array.from({ length: 21 }, (_, i) => [90 + 76 * (i % 7), 80 + 80 * Math.floor(i / 7)] as const);

/** `glass`: pixels around the tissue; without any, and as pale as this, no tissue is found. */
async function writeSlide(file: string, glass: number): Promise<void> {
  const cells = places.map(([x, y], i) => `<circle cx="${x}" cy="${y}" r="${RADIUS}" fill="${i % 2 ? "#8a5a2b" : "#5b3a8c"}"/>`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><rect width="100%" height="100%" fill="#f8f8f8"/><rect x="${glass}" y="${glass}" width="${WIDTH - 2 * glass}" height="${HEIGHT - 2 * glass}" fill="${glass > 0 ? "#e2a8c4" : "#f0dfe8"}"/>${cells.join("")}</svg>`;
  await sharp(Buffer.from(svg))
    .removeAlpha()
    .tiff({
      tile: true,
      tileWidth: 256,
      tileHeight: 256,
      pyramid: true,
      compression: "deflate",
      resolutionUnit: "cm",
      xres: 2000,
      yres: 2000,
    })
    .toFile(file);
}

async function twoSlides(t: TestContext) {
  const folder = emptyFolder(t);
  await writeSlide(join(folder, "case-1.tif"), 30);
  await writeSlide(join(folder, "case-2.tif"), 0);
  const project = await openProject({ path: folder });
  const page = new PageFiles("index.html");
  const { app, rounds } = workbenchApp(project, page, quick);
  const listening = await listen(app, { ...patient, host: "127.0.0.1", port: 0, scriptHashes: page.scriptHashes });
  t.after(async () => {
    await listening.close();
    await rounds.close();
    project.close();
  });
  return clientOf({ ...listening, notes: [] });
}

test("two slides, two classes: mark, train, answer, export, train again, export", async (t) => {
  const client = await twoSlides(t);
  const get = async <T>(path: string): Promise<T> => {
    const response = await client.get(`/api/v1/${path}`);
    assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
    return (await response.json()) as T;
  };
  const post = async <T>(path: string, body: object): Promise<T> => {
    const response = await client.post(`/api/v1/${path}`, body);
    assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
    return (await response.json()) as T;
  };
  const trained = async (request: object): Promise<Round> => {
    let round = await post<Round>("rounds", request);
    while (!["done", "failed", "paused", "stopped"].includes(round.phase)) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      round = await get(`rounds/${round.number}`);
    }
    assert.equal(round.phase, "done", `${round.error}\n${await (await client.get(`/api/v1/rounds/${round.number}/log`)).text()}`);
    return round;
  };

  const { images, classes } = await client.project();
  assert.deepEqual(
    images.map(({ name, slide, mpp, width }) => [name, slide, mpp, width]),
    ["case-1.tif", "case-2.tif"].map((name) => [name, true, 0.5, WIDTH]),
  );
  const [violet] = classes;
  const brown = { id: "classbrown01", name: "brown, round", colour: "#8a5a2b", size: 9 };
  await client.act({ do: "add-class", class: brown });
  let count = 0;
  const cell = (image: string, box: Box, classId: string | null, from: Cell["from"]): Cell => {
    return { id: `cell${String(++count).padStart(8, "0")}`, image, box, classId, from };
  };
  const around = ([x, y]: readonly [number, number]): Box => [x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS];
  const marks = images.flatMap(({ id }) =>
    places.slice(0, 12).map((at, i) => cell(id, around(at), i % 2 ? brown.id : violet.id, "mark")),
  );
  const between: Box = [120, 111, 138, 129];
  await client.act(...[...marks, cell(images[0].id, between, null, "mark")].map((each) => ({ do: "add-cell", cell: each })), {
    do: "add-region",
    region: { id: "regionwhole1", image: images[1].id, kind: "complete", ring: [70, 60, 570, 60, 570, 100, 70, 100] },
  });

  const first = await trained({ budget: "10s", weights: "random" });
  const log = await (await client.get("/api/v1/rounds/1/log")).text();
  assert.equal(log.match(/no tissue was found/g)?.length, 1, log);
  assert.deepEqual(first.learned, { images: 2, cells: 24, negatives: 1, regions: 1 });
  assert.deepEqual([first.step, first.searched], [6, 2]);
  assert.deepEqual(
    await get("rounds/1/searched"),
    images.map(({ id }) => id),
  );

  const found = async (round: number): Promise<number[]> => {
    const seen: number[] = [];
    for (const { id } of images) {
      const bytes = await (await client.get(`/api/v1/rounds/${round}/images/${id}/detections.bin`)).arrayBuffer();
      const values = new Float32Array(bytes);
      for (let i = 0; i < values.length; i += 6) {
        assert.ok(values[i] < values[i + 2] && values[i + 2] <= WIDTH + 1 && values[i + 3] <= HEIGHT + 1);
        seen.push(values[i + 5]);
      }
    }
    assert.ok(seen.length > 0);
    return seen;
  };
  assert.ok((await found(1)).every((place) => place === 0 || place === 1));

  const queue = await get<Queue>("queue?round=1&count=100");
  const missing = queue.next.filter(({ kind }) => kind === "missing");
  assert.ok(missing.length >= 8, `${missing.length} suspects`);
  const answered = ({ id, image, box }: Suspect, answer: string, classId: string | null) => {
    const effect = { add: cell(image, box, classId, "answer") };
    return { do: "answer", round: 1, suspect: id, answer, effect };
  };
  await client.act(
    answered(missing[0], "accept", missing[0].classId),
    answered(missing[1], "accept", missing[1].classId === brown.id ? violet.id : brown.id), // the other class
    answered(missing[2], "refuse", null),
  );
  const rest = await get<Queue>("queue?round=1&count=100");
  assert.ok(!missing.slice(0, 3).some(({ id }) => rest.next.some((each) => each.id === id)));
  assert.ok(rest.answered >= 3);

  await client.act({ do: "add-class", class: { id: "classgreen01", name: "green", colour: "#2b8a3e", size: 9 } });
  await client.act({ do: "change-class", id: violet.id, to: { name: "violet" } });
  assert.ok((await found(1)).every((place) => place === 0 || place === 1));

  const exported = async (body: object): Promise<string[]> =>
    (await post<{ files: { name: string }[] }>("exports", body)).files.map(({ name }) => name);
  const text = async (name: string): Promise<string> => (await client.get(`/api/v1/exports/${name}`)).text();
  assert.deepEqual(await exported({ format: "coco", what: "marks" }), ["marks.json"]);
  const coco = JSON.parse(await text("marks.json"));
  assert.deepEqual(
    coco.categories.map(({ name }: { name: string }) => name),
    ["violet", "brown, round", "green", "not a cell"],
  );
  const counted = new Map<number, number>();
  for (const { category_id: id } of coco.annotations) counted.set(id, (counted.get(id) ?? 0) + 1);
  assert.deepEqual([counted.get(1), counted.get(2), counted.get(4)], [13, 13, 2]);
  assert.deepEqual(await exported({ format: "qupath", what: "detections", round: 1, score: 0.05 }), [
    "detections-1-qupath/case-1.tif.geojson",
    "detections-1-qupath/case-2.tif.geojson",
  ]);
  const { features } = JSON.parse(await text("detections-1-qupath/case-1.tif.geojson"));
  assert.ok(
    features.every(({ properties }: { properties: { classification: { name: string } } }) =>
      ["violet", "brown, round"].includes(properties.classification.name),
    ),
  );
  await exported({ format: "csv", what: "detections", round: 1, score: 0.05 });
  assert.match(await text("detections-1.csv"), /violet|"brown, round"/);
  assert.deepEqual(await exported({ format: "model", what: "detections" }), ["model-1.safetensors"]);

  // A second round: a sheet, something that nobody can tell, and a cell of the class that is new since the first.
  const { suspects } = await get<Sheet>("sheet?round=1&count=3");
  assert.equal(suspects.length, 3);
  const { next } = await get<Queue>("queue?round=1&count=100");
  const doubtful = next.find(({ id, kind }) => kind === "missing" && !suspects.some((each) => each.id === id)) as Suspect;
  const [left, top, right, bottom] = doubtful.box.map((side) => Math.max(0, side));
  const ring = [left, top, right, top, right, bottom, left, bottom];
  await client.act(
    ...suspects.map((each, i) => ({ ...answered(each, i < 2 ? "accept" : "refuse", i < 2 ? each.classId : null), sheet: true })),
    {
      ...{ do: "answer", round: 1, suspect: doubtful.id, answer: "unsure" },
      effect: { ignore: { id: "regionunsure", image: doubtful.image, kind: "ignore", ring } },
    },
    { do: "add-cell", cell: cell(images[1].id, around(places[20]), "classgreen01", "mark") },
  );
  const second = await trained({ budget: "10s" });
  assert.deepEqual([second.number, second.request.from, second.searched], [2, 1, 2]);
  assert.deepEqual(second.learned, { images: 2, cells: 29, negatives: 3, regions: 2 });
  const again = await (await client.get("/api/v1/rounds/2/log")).text();
  assert.match(again, /^\$ sparsecell train .*--weights \S+rounds\/1\/run .*--method completeness:c=/);
  assert.ok((await found(2)).every((place) => place >= 0 && place <= 2));
  assert.ok((await found(1)).every((place) => place === 0 || place === 1)); // the first round is as it was
  const settled = [...missing.slice(0, 3), ...suspects];
  for (const { kind, image, box } of (await get<Queue>("queue?round=2&count=1000")).next) {
    const isSettled = settled.some((each) => each.image === image && iou(each.box, box) >= 0.25);
    assert.ok(kind === "denied" || !isSettled, `${image} ${box} is asked about again`);
  }
  await exported({ format: "csv", what: "detections", round: 2, score: 0.05 });
  assert.match(await text("detections-2.csv"), /violet|"brown, round"|green/);
  assert.deepEqual(await exported({ format: "model", what: "detections" }), ["model-2.safetensors"]);
});
