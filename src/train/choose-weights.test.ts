// From what `--weights` asks for to a file: published weights from a server on this machine, from the cache, or not at all.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { Tensor } from "@sparsecell/torch";
import { UserError } from "../errors.ts";
import { cacheFolder } from "../files/cache-folder.ts";
import { writeTensors } from "./checkpoints.ts";
import { type ChosenWeights, chooseWeights, type WeightsChoice } from "./choose-weights.ts";
import { type PublishedWeights, publishedWeights } from "./published-weights.ts";

const root = mkdtempSync(join(tmpdir(), "choose-weights-"));
const cache = join(root, "cache");
const bytes = Buffer.from("PK\u0003\u0004 weights of a network");
const sha256 = createHash("sha256").update(bytes).digest("hex");

let asked: (string | undefined)[] = [];
let answer: RequestListener;
const server = createServer((request, response) => {
  asked.push(request.url);
  answer(request, response);
});
let address: string;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true });
});
beforeEach(() => {
  asked = [];
  answer = (_, response) => response.end(bytes);
  rmSync(cache, { recursive: true, force: true });
  for (const name of ["HTTP_PROXY", "http_proxy", "SPARSECELL_OFFLINE"]) delete process.env[name];
  process.env.SPARSECELL_CACHE = cache;
  process.env.SPARSECELL_MIRROR = `${address}/mirror/`;
});

/** As published, but the name says the hash of this test's bytes. */
function ofTest(...what: Parameters<typeof publishedWeights>): PublishedWeights {
  const weights = publishedWeights(...what);
  return { ...weights, address: weights.address.replace(/-[0-9a-f]{8}\.pth$/, `-${sha256.slice(0, 8)}.pth`) };
}

const patience = { auto: 60, named: 60 };
const choose = (which: string, change: Partial<WeightsChoice> = {}): Promise<ChosenWeights> =>
  chooseWeights({ which, plannedBackbone: "resnet50", acceptLicense: false, patience, ...change }, ofTest);

async function refused(choice: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(choice, (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

const imagenetFile = `resnet50-${sha256.slice(0, 8)}.pth`;
const random = { weights: null, weightsName: null, weightsSha256: null, weightsLicense: null };

test("torchvision's official files, each with its hash in its name", () => {
  const files = (["resnet18", "resnet34", "resnet50", "resnet101"] as const).map(
    (backbone) => publishedWeights("imagenet", backbone).address,
  );
  assert.deepEqual(files, [
    "https://download.pytorch.org/models/resnet18-f37072fd.pth",
    "https://download.pytorch.org/models/resnet34-b627a593.pth",
    "https://download.pytorch.org/models/resnet50-0676ba61.pth",
    "https://download.pytorch.org/models/resnet101-63fe2227.pth",
  ]);
});

for (const which of ["imagenet", "auto"])
  test(`${which}: fetched once, then taken from the cache`, async () => {
    const file = join(cache, imagenetFile);
    const settings = { weights: file, weightsName: "imagenet", weightsSha256: sha256, weightsLicense: null };
    const first = await choose(which);
    assert.deepEqual(first.settings, settings);
    assert.match(first.reason, /^fetched from https:\/\/download\.pytorch\.org\/\S+ and kept as \//);
    assert.deepEqual([readFileSync(file), readdirSync(cache)], [bytes, [imagenetFile]]);
    const second = await choose(which);
    assert.deepEqual(second.settings, settings);
    assert.match(second.reason, /^from \//);
    process.env.SPARSECELL_OFFLINE = "1";
    assert.deepEqual(await choose(which), second);
    assert.deepEqual(asked, [`/mirror/${imagenetFile}`]);
  });

test("what is not to be had: auto starts at random and says why and where to put the file; by name it is an error", async () => {
  const cases: [RequestListener, RegExp][] = [
    [(_, response) => response.writeHead(404).end(), /the server answered 404 Not Found/],
    [
      (_, response) => response.writeHead(200, { "content-length": 99 }).write(bytes, () => response.destroy()),
      /the download was cut off/,
    ],
    [(_, response) => response.writeHead(200, { "content-type": "text/html" }).end("log in"), /the answer is a web page/],
  ];
  for (const [wrong, message] of cases) {
    answer = wrong;
    const remedy = new RegExp(`save https://download\\.pytorch\\.org/models/${imagenetFile} as ${join(cache, imagenetFile)}$`);
    const chosen = await choose("auto");
    assert.deepEqual(chosen.settings, random);
    assert.equal(chosen.chosen, "random");
    assert.match(chosen.reason, /^ImageNet's are not to be had: http/);
    for (const part of [message, remedy]) {
      assert.match(chosen.reason, part);
      await refused(choose("imagenet"), part);
    }
  }
  answer = () => {};
  assert.match((await choose("auto", { patience: { auto: 0.2, named: 60 } })).reason, /no answer within 0\.2 s/);
  assert.deepEqual(readdirSync(cache), []); // and nothing half-written
});

test("wrong bytes are an error, whatever was asked for, and are not kept", async () => {
  answer = (_, response) => response.end("PK something else");
  for (const which of ["auto", "imagenet"])
    await refused(
      choose(which),
      new RegExp(
        `the server sent a damaged or another file: its SHA-256 begins with [0-9a-f]{8}, expected ${sha256.slice(0, 8)};`,
      ),
    );
  answer = (_, response) => response.end("not found, sorry");
  await refused(choose("pathology", { acceptLicense: true }), /the server sent something that is not a PyTorch file/);
  assert.deepEqual(readdirSync(cache), []);
});

test("a damaged file in the cache is an error that says to remove it", async () => {
  mkdirSync(cache);
  const file = join(cache, imagenetFile);
  writeFileSync(file, bytes.subarray(1));
  for (const which of ["auto", "imagenet"])
    await refused(choose(which), /^\/.*: is damaged or another file: .*; remove it, and it is fetched again$/);
  assert.deepEqual([asked, existsSync(file)], [[], true]);
  rmSync(file);
  assert.equal((await choose("auto")).settings.weights, file);
});

test("offline, and a cache that cannot be written, fetch nothing", async () => {
  process.env.SPARSECELL_OFFLINE = "1";
  assert.match((await choose("auto")).reason, /: not fetched, because SPARSECELL_OFFLINE is set; .*save/);
  await refused(choose("imagenet"), /SPARSECELL_OFFLINE is set/);
  delete process.env.SPARSECELL_OFFLINE;
  writeFileSync(join(root, "a-file"), "");
  process.env.SPARSECELL_CACHE = join(root, "a-file", "cache");
  assert.match((await choose("auto")).reason, /a-file\/cache: cannot be written: /);
  await refused(choose("imagenet"), /a-file\/cache: cannot be written: /);
  assert.deepEqual(asked, []);
});

test("pathology: ResNet-50 only, and only when the licence is accepted, which is recorded", async () => {
  await refused(
    choose("pathology", { givenBackbone: "resnet18" }),
    /^--weights pathology: has the weights of a resnet50, but --backbone is resnet18;/,
  );
  await refused(
    choose("pathology"),
    /^--weights pathology: these weights, and models trained from them, are for research use only .*--accept-license$/,
  );
  for (const [which, name] of [
    ["pathology", "swav_rn50_ep200.torch"],
    ["pathology:bt", "bt_rn50_ep200.torch"],
  ]) {
    const { settings, shape, chosen, reason } = await choose(which, { acceptLicense: true, plannedBackbone: "resnet18" });
    const { weightsLicense, ...rest } = settings;
    assert.deepEqual(rest, { weights: join(cache, name), weightsName: which, weightsSha256: sha256 });
    assert.match(String(weightsLicense), /^research use only/);
    assert.deepEqual(shape, { backbone: "resnet50" });
    assert.ok(chosen.startsWith(`${which}, for research use only`));
    assert.match(reason, new RegExp(`/lunit-io/benchmark-ssl-pathology/.*/${name} .*SHA-256 ${sha256.slice(0, 16)}`));
  }
  assert.deepEqual(
    asked.map((path) => basename(path ?? "")),
    ["swav_rn50_ep200.torch", "bt_rn50_ep200.torch"],
  );
});

test("a mirror that is no address", async () => {
  for (const mirror of ["mirror.example.org", "ftp://example.org", "http://"]) {
    process.env.SPARSECELL_MIRROR = mirror;
    for (const which of ["auto", "imagenet"])
      await refused(choose(which), /^SPARSECELL_MIRROR: expected an address such as https:/);
  }
});

test("random, and files by their path", async () => {
  const { settings, normalization } = await choose("random");
  assert.deepEqual([settings, normalization], [random, "group-norm"]);
  const file = join(root, "mine.safetensors");
  const blocks = Array.from({ length: 6 }, (_, i) => [`layer3.${i}.conv1.weight`, Tensor.from([i])] as const);
  writeTensors(file, new Map(blocks), {});
  const weightsSha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  const mine = await choose(file);
  assert.deepEqual(mine.settings, { ...random, weights: file, weightsSha256 });
  assert.deepEqual([mine.shape, mine.normalization], [{ backbone: "resnet34" }, "frozen-batch-norm"]);
  await refused(choose(join(root, "nowhere")), /nowhere: no such file; --weights takes/);
  await refused(choose(root), /: a folder without model\.safetensors;/);
  assert.deepEqual(asked, []);
});

test("the cache's folder", () => {
  const home = cacheFolder({});
  assert.match(home, /\/\.cache\/sparsecell$/);
  assert.equal(cacheFolder({ XDG_CACHE_HOME: "/x" }), "/x/sparsecell");
  assert.equal(cacheFolder({ XDG_CACHE_HOME: "/x", SPARSECELL_CACHE: "/y/z" }), "/y/z");
});
