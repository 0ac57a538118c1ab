import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Random } from "../../random.ts";
import { drawChanges } from "../augment/index.ts";
import { crop } from "../crop.ts";
import type { RgbImage } from "../image-file.ts";
import { raw } from "../raw-image.ts";
import { resampled } from "../resampled.ts";
import { Loader } from "./loader.ts";
import { turned } from "./symmetry.ts";
import type { WindowRequest } from "./window-request.ts";

const dir = mkdtempSync(join(tmpdir(), "loader-"));
after(() => rmSync(dir, { recursive: true }));
mkdirSync(join(dir, "images"));

const [width, height] = [40, 30];
const whole = { x: 0, y: 0, width, height };
const unturned = { mirrorX: false, mirrorY: false, transpose: false };
const full = { stain: 1, blur: 1, brightness: 1, contrast: 1, gamma: 1, jpeg: 1 };

/** An image of noise in the dataset. */
async function stored(fileName: string, seed: number): Promise<RgbImage> {
  const random = new Random(seed);
  const image = { width, height, data: Uint8Array.from({ length: 3 * width * height }, () => random.integer(256)) };
  await raw(image)
    .png()
    .toFile(join(dir, "images", fileName));
  return image;
}

const requestFor = (fileName: string, other: Partial<WindowRequest> = {}): WindowRequest => {
  const window = other.crop ?? whole;
  return { dir, image: { fileName, width, height }, crop: window, size: window, symmetry: unturned, changes: [], ...other };
};

async function using<T>(loader: Loader, work: (loader: Loader) => Promise<T>): Promise<T> {
  try {
    return await work(loader);
  } finally {
    loader.close();
  }
}

const images = [await stored("a.png", 1), await stored("b.png", 2), await stored("c.png", 3)];
const names = ["a.png", "b.png", "c.png"];

describe("a window", () => {
  test("of the image's size is the image; a part is the exact part; the cached image stays as it is", () =>
    using(new Loader(), async (loader) => {
      const part = { x: 7, y: 5, width: 20, height: 11 };
      const [all, cut, again] = await loader.load([
        requestFor("a.png"),
        requestFor("a.png", { crop: part }),
        requestFor("a.png"),
      ]);
      assert.deepEqual(all, images[0]);
      assert.deepEqual(cut, crop(images[0], part));
      assert.deepEqual(again, images[0]);
    }));

  test("is resampled first and then turned", () =>
    using(new Loader(), async (loader) => {
      const [size, symmetry] = [
        { width: 25, height: 17 },
        { mirrorX: true, mirrorY: false, transpose: true },
      ];
      const [found] = await loader.load([requestFor("a.png", { size, symmetry })]);
      assert.deepEqual(found, turned(resampled(images[0], size), symmetry));
      assert.deepEqual([found.width, found.height], [17, 25]);
    }));

  test("with the same changes has the same bits, in another loader too", async () => {
    const changed = names.map((name, i) => requestFor(name, { changes: drawChanges(full, new Random(i)) }));
    const load = () => using(new Loader(), async (loader) => [await loader.load(changed), await loader.load(changed)]);
    const [[first, second], [third]] = [await load(), await load()];
    assert.deepEqual(second, first);
    assert.deepEqual(third, first);
    first.forEach((image, i) => assert.notDeepEqual(image, images[i]));
  });

  test("that leaves the image is a defect", () =>
    using(new Loader(), (loader) =>
      assert.rejects(loader.load([requestFor("a.png", { crop: { ...whole, x: 1 } })]), {
        name: "Error",
        message: "a window of 40×30 at (1, 0) leaves an image of 40×30",
      }),
    ));
});

test("answers come in the order of the requests, whatever is asked for meanwhile and however small the cache", () =>
  using(new Loader({ cacheBytes: images[0].data.length }), async (loader) => {
    const orders = [
      [0, 1, 2],
      [2, 2, 0],
      [1, 0, 1, 0, 2],
    ];
    const found = await Promise.all(orders.map((order) => loader.load(order.map((k) => requestFor(names[k])))));
    orders.forEach((order, i) => {
      assert.deepEqual(
        found[i],
        order.map((k) => images[k]),
      );
    });
    assert.deepEqual(await loader.load([]), []);
  }));

describe("errors", () => {
  test("of images are those of readDatasetImage, and the next request is answered", () =>
    using(new Loader(), async (loader) => {
      writeFileSync(join(dir, "images", "broken.png"), "not an image");
      await assert.rejects(loader.load([requestFor("a.png"), requestFor("broken.png")]), {
        name: "UserError",
        message: /broken\.png: cannot be decoded: it is not an image; it may be damaged or cut off; save it again as /,
      });
      await assert.rejects(loader.load([requestFor("missing.png")]), { name: "UserError", message: /missing\.png: / });
      const wrong = { ...requestFor("a.png"), image: { fileName: "a.png", width: 30, height: 40 } };
      const message = /a\.png: has 40×30 pixels, but .*annotations\.json says 30×40; restore the annotated image$/;
      await assert.rejects(loader.load([wrong]), { name: "UserError", message });
      assert.deepEqual(await loader.load([requestFor("b.png")]), [images[1]]);
    }));

  const program = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`);

  test("of the thread say what happened, now and later", async () => {
    const crashes = [
      ['throw new Error("no such thing")', "no such thing"],
      ["process.exit(7)", "it exited with 7"],
    ];
    for (const [text, why] of crashes)
      await using(new Loader({}, program(text)), async (loader) => {
        const expected = { name: "Error", message: `the thread that loads images has ended: ${why}` };
        await assert.rejects(loader.load([requestFor("a.png")]), expected);
        await assert.rejects(loader.load([requestFor("a.png")]), expected);
      });
  });
});

describe("the end", () => {
  test("closing fails what is being loaded, and whatever is asked for later", async () => {
    const loader = new Loader({ cacheBytes: 0 });
    await loader.load([requestFor("a.png")]);
    const loading = loader.load(Array.from({ length: 50 }, (_, i) => requestFor(names[i % 3])));
    const failed = assert.rejects(loading, { message: "the loader is closed" });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); // the thread works, but its answers are not seen yet
    loader.close();
    await failed;
    loader.close();
    await assert.rejects(loader.load([requestFor("a.png")]), { message: "the loader is closed" });
  });

  test("an open loader does not keep a program alive, but work that is waited for does", () => {
    const module = JSON.stringify(new URL("./loader.js", import.meta.url).href);
    const start = `import { Loader } from ${module}; const loader = new Loader();`;
    const work = `const [image] = await loader.load([${JSON.stringify(requestFor("a.png"))}]); console.log(image.width);`;
    for (const [program, printed] of [
      [start, ""],
      [`${start} ${work}`, "40\n"],
    ]) {
      const options = { encoding: "utf8", timeout: 120_000 } as const;
      const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], options);
      assert.deepEqual([status, stdout, stderr], [0, printed, ""]);
    }
  });
});
