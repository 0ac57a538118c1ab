import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import type { GuessableDataTypes } from "h5wasm/node";
import hdf5 from "h5wasm/node";
import { UserError } from "../../errors.ts";
import { readBcdata } from "./read.ts";

const root = mkdtempSync(join(tmpdir(), "bcdata-"));
await hdf5.ready;
after(() => rmSync(root, { recursive: true }));
let folders = 0;

interface Stored {
  readonly data: GuessableDataTypes;
  readonly shape: number[];
  readonly name?: string;
  readonly chunks?: number[];
  readonly compression?: number;
}

const points = (...rows: [number, number][]): Stored => ({ data: Int32Array.from(rows.flat()), shape: [rows.length, 2] });

/** An annotations folder; what is stored at each path is a dataset or the file's bytes. */
function annotations(files: Readonly<Record<string, Stored | Uint8Array>>): string {
  const dir = join(root, String(folders++), "annotations");
  for (const [path, content] of Object.entries(files)) {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    if (content instanceof Uint8Array) writeFileSync(file, content);
    else {
      const open = new hdf5.File(file, "w");
      open.create_dataset({ name: "coordinates", ...content });
      open.close();
    }
  }
  return dir;
}

const read = (dir: string) => readBcdata({ images: dir, annotations: dir });

const small = annotations({
  "train/positive/10.h5": points([3, 4], [639, 0]),
  "train/negative/10.h5": points([5, 6]),
  "train/positive/9.h5": points(),
  "train/negative/9.h5": points(),
  "validation/positive/9.h5": points([1, 2]),
  "validation/negative/9.h5": { data: new Float64Array(0), shape: [0] },
  "test/positive/9.h5": { data: BigInt64Array.of(7n, 8n), shape: [1, 2] },
  "test/negative/9.h5": { data: Uint16Array.of(1, 2, 3, 4), shape: [2, 2], chunks: [1, 2], compression: 4 },
});

test("points of both kinds, empty files, the same number in every split", async () => {
  const { images, negativeLabels, notes } = await read(small);
  const mark = (path: string, x: number, y: number) => {
    return { place: { kind: "point", x, y }, label: path.split("/")[1], file: join(small, path), line: 0 };
  };
  const image = (name: string, split: string, marks: unknown[]) => {
    return { name, marks, file: join(small, name.replace("/", "/positive/").concat(".h5")), line: 0, split };
  };
  assert.deepEqual(images, [
    image("train/9", "train", []),
    image("train/10", "train", [
      mark("train/positive/10.h5", 3, 4),
      mark("train/positive/10.h5", 639, 0),
      mark("train/negative/10.h5", 5, 6),
    ]),
    image("validation/9", "train", [mark("validation/positive/9.h5", 1, 2)]),
    image("test/9", "test", [
      mark("test/positive/9.h5", 7, 8),
      mark("test/negative/9.h5", 1, 2),
      mark("test/negative/9.h5", 3, 4),
    ]),
  ]);
  assert.equal(negativeLabels, undefined);
  assert.deepEqual(notes, ["1 validation images became training images"]);
});

test("the parent folder is accepted, and splits may be missing", async () => {
  assert.deepEqual(await read(dirname(small)), await read(small));
  const { images, notes } = await read(annotations({ "test/positive/0.h5": points(), "test/negative/0.h5": points([1, 1]) }));
  assert.deepEqual([images.map(({ name }) => name), notes], [["test/0"], []]);
});

test("every error names its file", async () => {
  const whole = readFileSync(join(small, "train/positive/10.h5"));
  const named = (data: Stored) => annotations({ "train/positive/0.h5": data, "train/negative/0.h5": points() });
  const shape = (text: string) =>
    `FILE: "coordinates" must be at most 10000 rows of two finite numbers, x and y, but has the shape [${text}]; correct the file`;
  const cases: [string, string | RegExp][] = [
    [
      annotations({ "train/positive/0.h5": whole, "train/negative/1.h5": points() }),
      /^NEGATIVE: is missing; an image without negative cells/,
    ],
    [
      named({ ...points([1, 2]), name: "points" }),
      'FILE: has no dataset "coordinates" (it has: "points"); use the original file of BCData',
    ],
    [named({ data: Int32Array.of(1, 2, 3), shape: [1, 3] }), shape("1, 3")],
    [named({ data: Int32Array.of(1, 2), shape: [2] }), shape("2")],
    [named({ data: Float64Array.of(1, Number.NaN), shape: [1, 2] }), shape("1, 2")],
    [named({ data: ["a", "b"], shape: [1, 2] }), shape("1, 2")],
    [named({ data: new Int32Array(20_002), shape: [10_001, 2] }), shape("10001, 2")],
    [named({ data: new Int32Array(80_000), shape: [40_000, 2] }), /^FILE: has \d+ bytes, too many for the cells of one field;/],
  ];
  for (const bytes of [new Uint8Array(0), Buffer.from("x,y\n1,2\n"), whole.subarray(0, whole.length / 2)]) {
    const dir = annotations({ "train/positive/0.h5": bytes, "train/negative/0.h5": points() });
    cases.push([
      dir,
      /^FILE: is damaged or not an HDF5 file: (file signature not found|truncated file: .*); unpack the archive again$/,
    ]);
  }
  for (const [dir, message] of cases) {
    await assert.rejects(read(dir), (error) => {
      assert.ok(error instanceof UserError, String(error));
      const text = error.message
        .replace(join(dir, "train/positive/0.h5"), "FILE")
        .replace(join(dir, "train/negative/0.h5"), "NEGATIVE");
      if (typeof message === "string") assert.equal(text, message);
      else assert.match(text, message);
      return true;
    });
  }
  await assert.rejects(read(root), /has none of the folders train, validation and test; pass BCData's folder "annotations"$/);
  await assert.rejects(
    read(annotations({ "test/positive/0.h5": points() })),
    /negative: cannot be read: no such file or directory/,
  );
});

// 100 MB in 299 bytes, made with h5py 3: a chunk of (2, 2) int32 behind two deflate filters, to which write_direct_chunk gave
// compress(compress(bytes(10**8))).
const bomb =
  "H4sIAAAAAAACA+v0cHHj5ZLiYubgYICB/1CgzQnhG0DFJ3nN4PP3cAliYqhgEkJWCANcTAyMDAxsYgxAijs5P78oJTMvsSS1eDPMZDsGCsHuyEOVYCcodnWwZCNjBkZGFQYGJiZGRiaoWlw0Mw8DowDQtyxgngIDK9DVzNzcYgyMQN0MIAiSQbA4ZBmAapiYgdIsjNqMSK6BBVkzw2AARb7fCxlGwSgYBaNgFIwCYkDFrbd3Fno1J0q0PXx/ndVwh6TPNNljAmx9jTcXRK5pCtxgKVHmn1R5kjniM88yNX4HHm61j9P/qivWnC+VPSQtH/fu9/fzoZenBKX57z+9fu9fUBUbkvfN7P7dPsbUG+vOn9MHVpcNt2K/81fd1fhQXGpTyAdUseLe4wqTF3YsZvzbbZ8D+Q2vZGvr55RFH/D+XVPxUA4oErA3/CDIdR1KEiAqkoUZVFN3J4A4LYI8ID06TaCaeIIruHGyiYMNSDpIgDWdoEST2OOLBbtZecze3i1ZzsBwoP6Fubr50p/M6ZzW6gB+GVpUKwkAAA==";

test("a file that is compressed twice is refused before it is decompressed", async () => {
  const dir = annotations({ "train/positive/0.h5": gunzipSync(Buffer.from(bomb, "base64")), "train/negative/0.h5": points() });
  const before = process.resourceUsage().maxRSS;
  await assert.rejects(
    read(dir),
    /train\/positive\/0\.h5: "coordinates" is compressed more than once, .*; use the original file of BCData$/,
  );
  assert.ok(process.resourceUsage().maxRSS - before < 64 << 10, "KiB");
});

test("a damaged file leaves nothing on stderr but the error", () => {
  const dir = annotations({ "train/positive/0.h5": Buffer.from("no"), "train/negative/0.h5": points() });
  const script = `const { readBcdata } = await import(${JSON.stringify(import.meta.resolve("./read.js"))});
    await readBcdata({ images: "", annotations: ${JSON.stringify(dir)} }).catch((error) => console.log(error.name));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.deepEqual([stdout, stderr], ["UserError\n", ""]);
});
