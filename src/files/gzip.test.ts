import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { crc32, crc32ByTable } from "./crc32.ts";
import { gzipped } from "./gzip.ts";

test("chunks become one gzip member, which any reader reads", async () => {
  const long = Array.from({ length: 200_000 }, (_, i) => `${i * 7919}`).join(",");
  for (const chunks of [
    [],
    [""],
    ["a", Buffer.from("bc"), "é"],
    [long, long, "end"],
    Array.from({ length: 3000 }, () => long.slice(0, 1000)),
  ]) {
    const text = chunks.map(String).join("");
    const bytes = Buffer.concat([...gzipped(chunks)]);
    assert.equal(gunzipSync(bytes).toString(), text);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")); // refuses bytes after a member
    assert.equal(await new Response(stream).text(), text);
  }
});

test("CRC-32, that of Node and that of Node before 20.15", () => {
  for (const checksum of [crc32, crc32ByTable]) {
    assert.equal(checksum(Buffer.from("123456789")), 0xcbf43926);
    assert.equal(checksum(Buffer.from("6789"), checksum(Buffer.from("12345"))), 0xcbf43926);
    assert.equal(checksum(Buffer.alloc(0)), 0);
  }
});
