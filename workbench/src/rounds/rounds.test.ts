// The whole loop without a browser: mark, train some steps, answer, train again, export; pause, a server that is gone, faults.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Hono } from "hono";
import sharp from "sharp";
import type { Events, Queue, Round, Sheet } from "../api.ts";
import { type OpenProject, openProject } from "../project/open-project.ts";
import { Random, reason } from "../sparsecell.ts";
import { type Rounds, registerRounds } from "./routes.ts";

const root = mkdtempSync(join(tmpdir(), "rounds-"));
const images = join(root, "images");
const [SIDE, CELLS] = [128, 12];
const centres: (readonly [number, number])[][] = [];
/** A network that learns nothing much in no time. */
const quick = ["--steps", "6", "--window", "64", "--threads", "1", "--dtype", "float32", "--no-augment", "--seed", "1"];

let project: OpenProject;
let app: Hono;
let rounds: Rounds;
const events: { name: keyof Events; data: unknown }[] = [];

async function open(options = quick): Promise<void> {
  project = await openProject({ path: images });
  app = new Hono();
  app.onError((error, context) => context.json({ error: reason(error) }, 400));
  rounds = registerRounds(app, project, options);
  project.events.listen((name, data) => events.push({ name, data }));
}

async function close(): Promise<void> {
  await rounds.close();
  project.close();
}

before(async () => {
  mkdirSync(images, { recursive: true });
  const random = new Random(1);
  for (let i = 0; i < 4; i++) {
    const places = Array.from({ length: CELLS }, (_, k) => {
      return [16 + 32 * (k % 4) + random.integer(8), 20 + 40 * Math.floor(k / 4) + random.integer(8)] as const;
    });
    centres.push(places);
    const cells = places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="7" fill="#604080"/>`).join("");
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}"><rect width="100%" height="100%" fill="#f0e4ec"/>${cells}</svg>`;
    await sharp(Buffer.from(svg))
      .png()
      .toFile(join(images, `field-${i + 1}.png`));
  }
  await open();
});
after(async () => {
  await close();
  rmSync(root, { recursive: true });
});

async function get<T>(path: string): Promise<T> {
  const response = await app.request(`/api/v1/${path}`);
  assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
  return (await response.json()) as T;
}
const posted = (path: string, body: object = {}) =>
  app.request(`/api/v1/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
async function post<T>(path: string, body: object = {}): Promise<T> {
  const response = await posted(path, body);
  assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
  return (await response.json()) as T;
}

/** Waits for a round to be in a phase; the test runner ends a test that waits for ever. */
function becomes(number: number, phases: readonly Round["phase"][]): Promise<Round> {
  return new Promise((resolve) => {
    const look = (round: Round | undefined): boolean => round?.number === number && phases.includes(round.phase);
    const now = rounds.rounds().find((round) => look(round));
    if (now) return resolve(now);
    const end = project.events.listen((name, data) => {
      if (name !== "round" || !look(data as Round)) return;
      end();
      resolve(data as Round);
    });
  });
}
const over: readonly Round["phase"][] = ["done", "failed", "stopped", "paused"];

let cellId = 0;
const box = ([x, y]: readonly [number, number]) => [x - 8, y - 8, x + 8, y + 8] as const;
function mark(image: number, place: readonly [number, number], classId: string | null = project.file.classes[0].id): void {
  const id = `mark${String(++cellId).padStart(8, "0")}`;
  const cell = { id, image: project.images[image].id, box: box(place), classId, from: "mark" as const };
  project.act("test", [{ do: "add-cell", cell }]);
}

test("nothing is marked: the round fails with a line that says so", async () => {
  const { number } = await post<Round>("rounds", { budget: "10s", weights: "random" });
  const round = await becomes(number, over);
  assert.equal(round.phase, "failed");
  assert.match(round.error ?? "", /nothing is marked on a training image; mark some cells, then train/);
});

test("mark, train, look", async () => {
  for (const place of centres[0].slice(0, 6)) mark(0, place);
  for (const place of centres[1].slice(0, 4)) mark(1, place);
  mark(1, [100, 8], null);
  project.act("test", [{ do: "set-state", image: project.images[3].id, state: "test" }]);
  const { number } = await post<Round>("rounds", { budget: "10s", weights: "random" });
  assert.equal(number, 2);
  const refused = await posted("rounds", { budget: "10s" });
  assert.match(await refused.text(), /round 2 is preparing; wait for it, or pause it first/);
  const round = await becomes(number, over);
  assert.equal(round.phase, "done", round.error ?? "");
  assert.deepEqual(round.learned, { images: 2, cells: 10, negatives: 1, regions: 0 });
  assert.deepEqual([round.step, round.steps, round.searched], [6, 6, 4]);
  assert.ok(round.plan.some(({ what }) => what === "method"));

  const dataset = JSON.parse(readFileSync(join(project.folder, "rounds/2/dataset/annotations.json"), "utf8"));
  const splits = dataset.images.map((image: { split: string }) => image.split);
  assert.deepEqual(splits, ["train", "train", "test"]); // the untouched one is unknown, not empty
  assert.deepEqual(
    dataset.categories.map((category: { negative?: true }) => category.negative ?? false),
    [false, true],
  );

  const searched = events.filter(({ name }) => name === "searched").map(({ data }) => (data as Events["searched"]).image);
  assert.deepEqual(new Set(searched), new Set(project.images.map(({ id }) => id)));
  assert.deepEqual(
    await get("rounds/2/searched"),
    project.images.map(({ id }) => id),
  );
  const { loss } = await get<{ loss: { step: number }[] }>("rounds/2/curves");
  assert.deepEqual(
    loss.map(({ step }) => step),
    [1, 2, 3, 4, 5, 6],
  );
  const pictures = await get<{ step: number; image: string; file: string }[]>("rounds/2/pictures");
  assert.deepEqual(
    pictures.map(({ step, image }) => [step, image]),
    [1, 2, 3, 4, 5].flatMap((step) => [1, 2].map((n) => [step, `field-${n}.png`])),
  );
  const picture = await app.request(`/api/v1/rounds/2/pictures/${pictures[0].file}`);
  const { format, width } = await sharp(Buffer.from(await picture.arrayBuffer())).metadata();
  assert.deepEqual([format, width], ["jpeg", 384]);
  assert.match(await (await app.request("/api/v1/rounds/2/log")).text(), /^\$ sparsecell train /);
  assert.match(await (await app.request("/api/v1/rounds/2/report")).text(), /10 cells, 1 places that are not cells/);
});

test("answers come from the queue and do not come back", async () => {
  const queue = await get<Queue>("queue?round=2&count=50");
  assert.ok(queue.next.length >= 4, `${queue.next.length} suspects`);
  const sheet = await get<Sheet>("sheet?round=2&count=3");
  assert.deepEqual(await get<Sheet>("sheet?round=2&count=3"), sheet);
  assert.deepEqual([sheet.round, sheet.suspects.map(({ kind, round }) => `${kind} ${round}`)], [2, Array(3).fill("missing 2")]);
  assert.ok(
    queue.next.every(({ image }) => image !== project.images[3].id),
    "none on the test image",
  );
  const [first, second, third] = queue.next.filter(({ kind }) => kind === "missing");
  const cell = (id: string, classId: string | null, of: typeof first) => ({
    id,
    image: of.image,
    box: of.box,
    classId,
    from: "answer" as const,
  });
  const [x1, y1, x2, y2] = third.box;
  const ring = [x1, y1, x2, y1, x2, y2, x1, y2];
  const answer = { do: "answer", round: 2 } as const;
  project.act("test", [
    { ...answer, suspect: first.id, answer: "accept", effect: { add: cell("answer000001", first.classId, first) } },
    { ...answer, suspect: second.id, answer: "refuse", effect: { add: cell("answer000002", null, second) } },
    {
      ...answer,
      suspect: third.id,
      answer: "unsure",
      effect: { ignore: { id: "answer000003", image: third.image, kind: "ignore", ring } },
    },
  ]);
  const rest = await get<Queue>("queue?round=2&count=50");
  const asked = new Set(rest.next.map(({ id }) => id));
  assert.ok(![first, second, third].some(({ id }) => asked.has(id)));
  assert.ok(rest.answered >= 3 && rest.left <= queue.left - 3);
  const undone = project.act("test", [{ do: "undo", action: project.state.lastAction }]);
  assert.equal(undone.length, 1);
  assert.ok((await get<Queue>("queue?round=2&count=50")).next.some(({ id }) => id === third.id));
});

test("the next round starts from the last one; detections are read with the page's classes", async () => {
  await post<Round>("rounds", { budget: "10s" });
  const round = await becomes(3, over);
  assert.equal(round.phase, "done", round.error ?? "");
  assert.equal(round.request.from, 2);
  assert.deepEqual([round.learned.negatives, round.action], [2, project.state.lastAction]);
  const bytes = await (await app.request(`/api/v1/rounds/3/images/${project.images[0].id}/detections.bin`)).arrayBuffer();
  assert.equal(bytes.byteLength % 24, 0);
  const values = new Float32Array(bytes);
  for (let k = 0; k < values.length; k += 6) {
    assert.ok(values[k + 4] >= 0.05 - 1e-6 && values[k + 4] <= 1);
    assert.equal(values[k + 5], 0);
  }
  const missing = await app.request("/api/v1/rounds/9/log");
  assert.equal(missing.status, 400); // as this test's app answers
});

test("a round is paused, outlives its server, goes on; another is stopped", async () => {
  await close();
  await open([...quick, "--steps", "4000", "--checkpoint-every", "2"]);
  await post<Round>("rounds", { budget: "10s", from: null, weights: "random" });
  await becomes(4, ["training"]);
  await post<Round>("rounds/4/pause");
  const paused = await becomes(4, over);
  assert.deepEqual([paused.phase, paused.error], ["paused", null]);
  await post<Round>("rounds/4/resume");
  await becomes(4, ["training"]);
  await close(); // the server ends
  await open();
  assert.equal((await get<Round>("rounds/4")).phase, "paused");
  assert.ok(existsSync(join(project.folder, "rounds/4/run/config.json")));
  await post<Round>("rounds/4/stop");
  assert.equal((await get<Round>("rounds/4")).phase, "stopped");
});

test("marks and detections are exported, and the model", async () => {
  const files: string[] = [];
  for (const body of [
    { format: "qupath", what: "marks" },
    { format: "coco", what: "marks" },
    { format: "csv", what: "detections", round: 3 },
    { format: "qupath", what: "detections", round: 3, score: 0.1 },
    { format: "model", what: "detections" },
    { format: "coco", what: "marks" }, // again
  ]) {
    const { files: written } = await post<{ files: { name: string; bytes: number }[] }>("exports", body);
    assert.ok(written.length > 0 && written.every(({ bytes }) => bytes > 0), JSON.stringify(body));
    files.push(...written.map(({ name }) => name));
  }
  assert.ok(
    ["marks-qupath/field-1.png.geojson", "marks.json", "detections-3.csv", "model-3.safetensors"].every((name) =>
      files.includes(name),
    ),
  );
  const coco = JSON.parse(await (await app.request("/api/v1/exports/marks.json")).text());
  assert.equal(coco.annotations.length, project.state.cells.size);
  const geojson = await app.request("/api/v1/exports/marks-qupath/field-1.png.geojson");
  assert.equal(JSON.parse(await geojson.text()).type, "FeatureCollection");
  for (const name of ["../project.json", "..%2Fproject.json", "nothing.json"])
    assert.notEqual((await app.request(`/api/v1/exports/${name}`)).status, 200);
});

test("what is asked wrongly is refused", async () => {
  for (const [path, body] of [
    ["rounds", { budget: "soon" }],
    ["rounds", { budget: "1m", weights: "--out" }],
    ["rounds", { budget: "1m", from: 1 }],
    ["rounds", []],
    ["rounds/2/resume", {}],
    ["rounds/2/pause", {}],
    ["exports", { format: "pdf", what: "marks" }],
  ] as const) {
    const response = await posted(path, body);
    assert.equal(response.status, 400, path);
    assert.match(await response.text(), /"error":"[^\n]+"/);
  }
});
