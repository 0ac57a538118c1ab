import assert from "node:assert/strict";
import { test } from "node:test";
import { ImageCache } from "./image-cache.ts";

/** A cache and what it reads: images of as many pixels as their names have letters. */
function watched(bytes: number): { get(name: string): Promise<void>; reads: string[] } {
  const cache = new ImageCache(bytes);
  const reads: string[] = [];
  const read = async (name: string) => {
    reads.push(name);
    return { width: name.length, height: 1, data: new Uint8Array(3 * name.length) };
  };
  return {
    reads,
    get: async (name) => assert.equal((await cache.get(name, () => read(name))).width, name.length),
  };
}

test("what fits is read once", async () => {
  const { get, reads } = watched(12);
  for (const name of ["a", "b", "cc", "a", "cc", "b", "a"]) await get(name);
  assert.deepEqual(reads, ["a", "b", "cc"]);
});

test("the least recently used leaves first, as many as make room", async () => {
  const { get, reads } = watched(9);
  for (const name of ["a", "b", "c", "a", "d", "a", "c", "b"]) await get(name); // d displaces b, b displaces d
  assert.deepEqual(reads, ["a", "b", "c", "d", "b"]);
  await get("eee");
  await get("b");
  assert.deepEqual(reads.slice(5), ["eee", "b"]);
});

test("an image larger than the cache displaces none", async () => {
  const { get, reads } = watched(6);
  for (const name of ["a", "b", "ccc", "ccc", "a", "b"]) await get(name);
  assert.deepEqual(reads, ["a", "b", "ccc", "ccc"]);
});

test("what cannot be read is not kept", async () => {
  const cache = new ImageCache(100);
  const fail = () => Promise.reject(new Error("no"));
  await assert.rejects(cache.get("a", fail), { message: "no" });
  assert.equal((await cache.get("a", async () => ({ width: 1, height: 1, data: new Uint8Array(3) }))).width, 1);
});
