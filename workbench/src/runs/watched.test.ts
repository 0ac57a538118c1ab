import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeMadeUpGrid } from "../../../dist/runs/grid.fixture.js";
import { tinyConfig, tinyDataset } from "../../../dist/train/run.fixture.js";
import type { Watch } from "../api.ts";
import { type Client, emptyFolder, served } from "../served.fixture.ts";
import { lockFolder, RunFolder } from "../sparsecell.ts";

/** Listens; `told` ends with the first event of a name whose data fit. */
async function listening(client: Client, name: string, fits: (data: { trainings: string[]; report: boolean }) => boolean) {
  const { body } = await client.get("/api/v1/events");
  const read = async (): Promise<void> => {
    let text = "";
    for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(piece).toString();
      for (const [, event, data] of text.matchAll(/^event: (.*)\ndata: (.*)\n\n/gm))
        if (event === name && fits(JSON.parse(data))) return;
    }
  };
  const told = read();
  told.catch(() => {}); // nobody may wait for it
  return { told };
}

const watchOf = async (client: Client): Promise<Watch> => (await client.get("/api/v1/watch")).json() as Promise<Watch>;

test("a run while it trains: how far it is, its curves, and an event when its log grows", async (t) => {
  const folder = emptyFolder(t);
  const config = tinyConfig(await tinyDataset(folder), { steps: 10 });
  const run = new RunFolder(join(folder, "run"));
  run.create({ config, versions: { sparsecell: "1" }, started: "" });
  const unlock = lockFolder(run.dir);
  const client = await served(t, { path: run.dir });
  const [waiting] = (await watchOf(client)).trainings;
  assert.deepEqual([waiting.step, waiting.steps, waiting.phase], [0, 10, "waiting"]); // this process's lock counts as none

  const { told } = await listening(client, "watch", ({ trainings }) => trainings.includes("run"));
  for (let step = 1; step <= 3; step++) run.append({ step, loss: 1 / step, parts: { roiClass: 1 / step }, lr: 0.1 }, 2);
  run.validation.append({ step: 3, weights: "last", measure: 0.4, score: 0.5, found: 3, marks: 6, recall: { "0.5": 0.5 } });
  await told;
  const { kind, title, trainings, report } = await watchOf(client);
  assert.deepEqual([kind, title, trainings[0].step, report], ["run", "run", 3, null]);
  assert.deepEqual(await (await client.get("/api/v1/watch/trainings/run/curves")).json(), {
    loss: [1, 2, 3].map((step) => ({ step, loss: 1 / step })),
    heldOut: [{ step: 3, recall: 0.5, measure: 0.4 }],
  });
  assert.deepEqual(await (await client.get("/api/v1/watch/trainings/run/pictures")).json(), []);
  mkdirSync(join(run.dir, "pictures"));
  writeFileSync(join(run.dir, "pictures/windows.json"), '["a.png"]');
  for (const step of [10, 5]) writeFileSync(join(run.dir, `pictures/${step}-1.jpg`), String(step));
  assert.deepEqual(await (await client.get("/api/v1/watch/trainings/run/pictures")).json(), [
    { step: 5, image: "a.png", file: "5-1.jpg" },
    { step: 10, image: "a.png", file: "10-1.jpg" },
  ]);
  assert.equal(await (await client.get("/api/v1/watch/trainings/run/pictures/10-1.jpg")).text(), "10");
  for (const name of ["windows.json", "7-1.jpg", "..%2flog.jsonl"])
    assert.equal((await client.get(`/api/v1/watch/trainings/run/pictures/${name}`)).status, 404);
  appendFileSync(join(run.dir, "log.jsonl"), '{"step":4,"lo');
  assert.equal((await watchOf(client)).trainings[0].step, 3, "half a line does not count");
  writeFileSync(run.modelFile, "");
  assert.deepEqual((await watchOf(client)).trainings[0].phase, "finished");
  assert.equal((await client.get("/api/v1/watch/trainings/other/curves")).status, 404);
  assert.equal((await client.get("/api/v1/watch/report")).status, 404);
  assert.equal((await client.get("/api/v1/project")).status, 404);
  unlock();
});

test("a grid: its trainings, its table, and the report of what has finished, without a file in its folder", async (t) => {
  const dir = join(emptyFolder(t), "grid");
  await writeMadeUpGrid({
    dir,
    keeps: [0.1, 1],
    methods: ["fpn", "bde"],
    folds: 2,
    missing: ({ fold, keep, method }) => fold === 1 && method === "bde" && keep !== 1,
    failing: ({ fold, keep, method }) => (fold === 1 && method === "bde" && keep === 1 ? "no space left on device" : null),
  });
  const before = readdirSync(dir).sort();
  const client = await served(t, { path: dir });
  const { kind, trainings, tables } = await watchOf(client);
  assert.equal(kind, "grid");
  const phases = trainings.map(({ phase }) => phase).sort();
  assert.deepEqual(phases, ["failed", ...Array(6).fill("finished"), "waiting"]);
  assert.equal(trainings.find(({ phase }) => phase === "failed")?.error, "no space left on device");
  assert.deepEqual(
    tables[0].rows.map(([label, keep, finished]) => [label, keep, finished]),
    [
      ["FPN + BDE", "10 %", "1"],
      ["FPN", "10 %", "2"],
      ["FPN + BDE", "100 %", "1"],
      ["FPN", "100 %", "2"],
    ],
  );
  const { told } = await listening(client, "watch", ({ report }) => report);
  if ((await watchOf(client)).report === null) await told;
  const response = await client.get("/api/v1/watch/report");
  assert.equal(response.status, 200);
  assert.match(
    response.headers.get("content-security-policy") ?? "",
    /^default-src 'none'; style-src 'unsafe-inline'; .*sandbox$/,
  );
  assert.match(await response.text(), /<html[\s\S]*<svg/);
  assert.deepEqual(readdirSync(dir).sort(), before);
});

test("a damaged record is one line", async (t) => {
  const dir = emptyFolder(t);
  writeFileSync(join(dir, "grid.json"), '{"name": 1}');
  await assert.rejects(served(t, { path: dir }), /grid\.json:1: name: expected text, got 1/);
  rmSync(join(dir, "grid.json"));
  mkdirSync(join(dir, "inner"));
  writeFileSync(join(dir, "config.json"), "{");
  await assert.rejects(served(t, { path: dir }), /config\.json:1: is not valid JSON/);
});
