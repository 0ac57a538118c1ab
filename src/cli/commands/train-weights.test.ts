// `train --weights` from end to end: what is said and what config.json records.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Dataset } from "../../data/dataset.ts";
import { RunFolder } from "../../runs/run-folder.ts";
import { tinyDataset, untrainedRun } from "../../train/run.fixture.ts";
import { start, succeed, tiny } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-weights-"));
after(() => rmSync(root, { recursive: true }));

let dataset: Dataset;
before(async () => {
  dataset = await tinyDataset(root);
});

const train = (...more: string[]) => ["train", "sparse", "--steps", "1", ...more];
const configOf = (run: string) => new RunFolder(join(root, run)).record().config;
const saidOf = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("first weights "));

test("without a network the default is random weights, and one line says why and what to do", () => {
  const { stderr } = succeed(root, ...train(...tiny, "--out", "auto"));
  const [line, ...more] = saidOf(stderr);
  assert.deepEqual(more, []);
  assert.match(
    line,
    /^first weights +random \(ImageNet's .*download\.pytorch\.org\/models\/resnet18-f37072fd\.pth: not fetched, .* as \/.*resnet18-f37072fd\.pth\)$/,
  );
  const { weights, weightsName, detector } = configOf("auto");
  assert.deepEqual([weights, weightsName, detector.normalization, detector.trainableLayers], [null, null, "group-norm", 5]);
});

test("from a run: its backbone, its normalisation and its shapes, without options", () => {
  const { modelFile } = untrainedRun(join(root, "before"), dataset);
  const { stderr } = succeed(root, ...train("--input-size", "64", "--weights", "before", "--out", "from-run"));
  assert.match(saidOf(stderr).join(), /^first weights +\/.*\/before\/model\.safetensors \(given: all layers that fit\)$/);
  const { weights, weightsSha256, weightsPart, detector } = configOf("from-run");
  assert.deepEqual([weights, weightsSha256?.length, weightsPart], [modelFile, 64, "detector"]);
  const { backbone, normalization, trainableLayers, roi } = detector;
  assert.deepEqual([backbone, normalization, trainableLayers, roi.representationSize], ["resnet18", "group-norm", 5, 8]);
});

test("Ctrl-C ends a download: exit code 130, no run, nothing in the cache", async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-length": 45e6 });
    const sending = setInterval(() => response.write(Buffer.alloc(100_000)), 50);
    response.on("close", () => clearInterval(sending));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const variables = {
    SPARSECELL_OFFLINE: "",
    SPARSECELL_CACHE: join(root, "cache"),
    SPARSECELL_MIRROR: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    NO_PROXY: "127.0.0.1",
  };
  let sent = false;
  const interrupt: Parameters<typeof start>[2] = (stderr, child) => {
    if (sent || !/^resnet18-f37072fd\.pth \d+\/45/m.test(stderr)) return;
    sent = true;
    child.kill("SIGINT");
  };
  const { status, stderr } = await start(root, train(...tiny, "--out", "stopped"), interrupt, variables).finished;
  server.closeAllConnections();
  server.close();
  assert.equal(status, 130, stderr);
  assert.match(stderr, /\nstopped before the training started\n$/);
  assert.deepEqual([existsSync(join(root, "stopped")), readdirSync(join(root, "cache"))], [false, []]);
});
