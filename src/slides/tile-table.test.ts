import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { picture } from "./slide.fixture.ts";
import { isWholeJpeg } from "./tile-table.ts";

const { width, height, data } = picture(64, 64);
const source = () => sharp(data, { raw: { width, height, channels: 3 } });

test("whole JPEG streams are whole, also progressive ones and those with bytes after their end", async () => {
  for (const options of [{}, { quality: 100 }, { quality: 5 }, { progressive: true }, { chromaSubsampling: "4:4:4" }]) {
    const bytes = await source().jpeg(options).toBuffer();
    assert.ok(isWholeJpeg(bytes), JSON.stringify(options));
    assert.ok(isWholeJpeg(Buffer.concat([bytes, Buffer.alloc(3)])));
  }
  const flat = await sharp({ create: { width: 256, height: 256, channels: 3, background: "#f0f0f0" } })
    .jpeg()
    .toBuffer();
  assert.ok(isWholeJpeg(flat));
});

test("what is cut off, zeroed to its end or overwritten by another marker is not", async () => {
  const bytes = await source().jpeg().toBuffer();
  for (let length = 0; length < bytes.length; length++) assert.ok(!isWholeJpeg(bytes.subarray(0, length)), `${length}`);
  const changed = (value: Buffer) => {
    const copy = Buffer.from(bytes);
    value.copy(copy, copy.length - 200);
    return copy;
  };
  assert.ok(!isWholeJpeg(changed(Buffer.alloc(200))));
  assert.ok(!isWholeJpeg(changed(Buffer.from("ffc0", "hex"))));
  assert.ok(!isWholeJpeg(Buffer.alloc(1000)));
});
