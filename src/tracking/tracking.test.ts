// Curves come once, whatever happens to the run or to the server; nothing that a server does is more than one line.

import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { bytesOf, fieldsOf } from "../files/protobuf-reader.ts";
import { recordsOf } from "./event-reader.ts";
import { Feed } from "./feed.ts";
import { FakeMlflow, type Fault } from "./mlflow.fixture.ts";
import { addressOf, Mlflow } from "./mlflow.ts";
import { drawn } from "./picture.ts";
import { TensorBoard } from "./tensorboard.ts";
import { Tracker } from "./tracker.ts";

const root = mkdtempSync(join(tmpdir(), "tracking-"));
after(() => rmSync(root, { recursive: true }));

const line = (step: number): string => `${JSON.stringify({ step, loss: step / 8, roiClass: step / 16, lr: 0.5 })}\n`;
const lines = (...steps: number[]): string => steps.map(line).join("");

function runFolder(log: string): string {
  const dir = mkdtempSync(join(root, "run-"));
  const config = { method: "fpn", data: "/somewhere/cells", detector: { backbone: "resnet18" } };
  writeFileSync(join(dir, "config.json"), JSON.stringify({ config }));
  writeFileSync(join(dir, "log.jsonl"), log);
  return dir;
}

/** "loss 1" for each scalar in a run's event files, in their order. */
const scalarsOf = (dir: string): string[] =>
  eventsOf(dir).flatMap(({ tag, step, isScalar }) => (isScalar ? `${tag} ${step}` : []));

const eventsOf = (dir: string) =>
  readdirSync(dir)
    .filter((name) => name.includes("tfevents"))
    .flatMap((name) => [...recordsOf(readFileSync(join(dir, name)))])
    .flatMap((data) => {
      const fields = fieldsOf(data);
      const step = fields.find(({ field }) => field === 2)?.value;
      return bytesOf(fields, 5).flatMap((summary) =>
        bytesOf(fieldsOf(summary), 1).map((value) => {
          const parts = fieldsOf(value);
          return { tag: String(bytesOf(parts, 1)[0]), step, isScalar: bytesOf(parts, 2).length > 0 };
        }),
      );
    });

const ofSteps = (...steps: number[]): string[] =>
  steps.flatMap((step) => [`loss ${step}`, `loss/roiClass ${step}`, `learning rate ${step}`]);

const long = 600_000; // milliseconds: no server here takes so long, however busy the machine is

const never = (note: string): never => assert.fail(note);

test("TensorBoard: every line once, over a log that grows, is cut off in a line, and is rewound", async () => {
  const dir = runFolder(`${lines(1, 2)}${line(3).slice(0, 9)}`);
  const feed = new Feed(new TensorBoard(dir), { dir, onNote: never });
  await feed.turn(0);
  assert.deepEqual(scalarsOf(dir), ofSteps(1, 2));
  appendFileSync(join(dir, "log.jsonl"), `${line(3).slice(9)}${lines(4)}`);
  await feed.turn(0);
  writeFileAtomic(join(dir, "log.jsonl"), lines(1, 2)); // as a resumed training does
  await feed.turn(0);
  appendFileSync(join(dir, "log.jsonl"), lines(3, 4, 5));
  await feed.turn(0);
  await feed.close("stopped");
  assert.deepEqual(scalarsOf(dir), ofSteps(1, 2, 3, 4, 5));
  const resumed = new Feed(new TensorBoard(dir), { dir, onNote: never });
  appendFileSync(join(dir, "log.jsonl"), `${JSON.stringify({ step: 6, skipped: "nan" })}\n${lines(7)}`);
  await resumed.close("finished");
  assert.deepEqual(scalarsOf(dir).sort(), ofSteps(1, 2, 3, 4, 5, 7).sort());
});

test("MLflow: one run, its settings, every point once, also after a resume and after a failure in between", async () => {
  const server = new FakeMlflow();
  const env = { MLFLOW_TRACKING_URI: await server.start(), MLFLOW_TRACKING_USERNAME: "me", MLFLOW_TRACKING_PASSWORD: "it" };
  const dir = runFolder(lines(...Array.from({ length: 500 }, (_, i) => i + 1))); // 1,500 points: two requests
  const feed = new Feed(new Mlflow({ dir, env, patience: long }), { dir, onNote: never });
  await feed.turn(0);
  await feed.close("stopped");
  const resumed = new Feed(new Mlflow({ dir, env: { ...env, MLFLOW_TRACKING_TOKEN: "t" }, patience: long }), {
    dir,
    onNote: () => {},
  });
  await resumed.turn(0);
  appendFileSync(join(dir, "log.jsonl"), lines(501));
  server.fault = "error";
  await resumed.turn(0);
  server.fault = null;
  appendFileSync(join(dir, "log.jsonl"), lines(502));
  await resumed.turn(1e6); // later
  await resumed.close("finished");
  await server.stop();
  assert.deepEqual([server.runs, server.experiments], [1, ["sparsecell"]]);
  assert.equal(server.metrics.length, 3 * 502);
  assert.equal(new Set(server.metrics.map(({ key, step }) => `${key} ${step}`)).size, 3 * 502);
  assert.deepEqual(server.metrics.find(({ key, step }) => key === "loss" && step === 4)?.value, 0.5);
  assert.deepEqual(
    [...server.params],
    [
      ["method", "fpn"],
      ["data", "cells"],
      ["detector.backbone", "resnet18"],
    ],
  );
  assert.deepEqual([server.statuses[0], server.statuses.at(-1)], ["KILLED", "FINISHED"]);
  assert.deepEqual([...server.authorizations], [`Basic ${Buffer.from("me:it").toString("base64")}`, "Bearer t"]);
});

const faults: readonly (readonly [Fault | "down", RegExp])[] = [
  ["down", /^MLflow is not reached: ECONNREFUSED; the training goes on, and its log is complete$/],
  ["silent", /^MLflow is not reached: no answer in 0.02 s;/],
  ["error", /^MLflow is not reached: it answered 500 to experiments\/get-by-name;/],
  ["not JSON", /^MLflow is not reached: its answer to experiments\/get-by-name is not JSON;/],
  ["other JSON", /^MLflow is not reached: its answer has no experiment;/],
];
for (const [fault, message] of faults)
  test(`a server that is at fault (${fault}) is one warning`, async () => {
    const server = new FakeMlflow();
    const env = { MLFLOW_TRACKING_URI: await server.start() };
    if (fault === "down") await server.stop();
    else server.fault = fault;
    const dir = runFolder(lines(1));
    const notes: string[] = [];
    const feed = new Feed(new Mlflow({ dir, env, patience: fault === "silent" ? 20 : long }), {
      dir,
      onNote: (note) => notes.push(note),
    });
    await feed.turn(0);
    await feed.turn(1); // too early for another attempt
    await feed.turn(1e6);
    await feed.close("finished");
    if (fault !== "down") await server.stop();
    assert.equal(notes.length, 1, notes.join("\n"));
    assert.match(notes[0], message);
  });

test("an address that is none is said before a training", () => {
  assert.throws(() => addressOf({}), /^UserError: MLFLOW_TRACKING_URI is not set; set it to the address of the MLflow server$/);
  assert.throws(() => addressOf({ MLFLOW_TRACKING_URI: "mlruns" }), /expected the address of a server/);
  assert.equal(addressOf({ MLFLOW_TRACKING_URI: "http://localhost:5000/" }), "http://localhost:5000");
});

const grey = (value: number) => ({ width: 20, height: 10, data: new Uint8Array(600).fill(value) });

test("the thread: points and pictures to TensorBoard, whatever MLflow answers", async () => {
  const server = new FakeMlflow();
  server.fault = "error";
  const env = { MLFLOW_TRACKING_URI: await server.start() };
  const dir = runFolder(lines(1, 2));
  const notes: string[] = [];
  const options = { dir, names: ["tensorboard", "mlflow"] as const, env, onNote: (note: string) => notes.push(note) };
  const tracker = new Tracker(options, { patience: long });
  const found = [{ box: [2, 2, 12, 9] as const, score: 0.5 }];
  tracker.look({ step: 2, score: 0.3, pictures: [{ ...grey(200), marks: [[1, 1, 9, 9]], found }] });
  await tracker.close("finished");
  await server.stop();
  assert.deepEqual(scalarsOf(dir), ofSteps(1, 2));
  const pictures = eventsOf(dir).filter(({ isScalar }) => !isScalar);
  assert.deepEqual(pictures, [{ tag: "held-out/window 1", step: 2n, isScalar: false }]);
  assert.equal(notes.length, 1, notes.join("\n"));
});

test("the end of a training does not wait for a server that is silent", async () => {
  const server = new FakeMlflow();
  server.fault = "silent";
  const env = { MLFLOW_TRACKING_URI: await server.start() };
  const tracker = new Tracker({ dir: runFolder(lines(1)), names: ["mlflow"], env, onNote: () => {} }, { patience: 1 });
  await tracker.close("finished");
  await server.stop();
});

test("a thread that breaks is one line, and looks and the end are no errors", async () => {
  const notes: string[] = [];
  const program = new URL("data:text/javascript,throw new Error('broken')");
  const tracker = new Tracker(
    { dir: root, names: ["tensorboard"], env: {}, onNote: (note) => notes.push(note) },
    { program, patience: long },
  );
  tracker.look({ step: 1, score: 0, pictures: [] });
  await tracker.close("failed");
  tracker.look({ step: 2, score: 0, pictures: [] });
  assert.deepEqual(notes, ["tracking has ended: broken; the training goes on"]);
});

test("pictures: marks are blue, detections from the score on are orange; boxes may reach beyond the window", async () => {
  const found = [
    { box: [10, 2, 30, 9] as const, score: 0.5 },
    { box: [0, 0, 20, 10] as const, score: 0.1 },
  ];
  const { bytes, width, height } = await drawn({ ...grey(200), marks: [[-5, 1, 8, 9]], found }, 0.3);
  assert.deepEqual([width, height], [20, 10]);
  const { default: sharp } = await import("sharp");
  const data = await sharp(bytes).raw().toBuffer();
  const at = (x: number, y: number): number[] => [...data.subarray(3 * (20 * y + x), 3 * (20 * y + x) + 3)];
  assert.deepEqual(
    [at(0, 1), at(7, 5), at(10, 5), at(15, 2), at(15, 5), at(19, 0)],
    [
      [0, 114, 178],
      [0, 114, 178],
      [230, 120, 0],
      [230, 120, 0],
      [200, 200, 200],
      [200, 200, 200],
    ],
  );
});
