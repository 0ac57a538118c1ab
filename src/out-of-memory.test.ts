import assert from "node:assert/strict";
import { test } from "node:test";
import { zeros } from "@sparsecell/torch";
import { UserError } from "./errors.ts";
import { explainOutOfMemory } from "./out-of-memory.ts";

test("libtorch's refusal becomes one line that says how much, and what to lower", () => {
  assert.throws(
    () => {
      try {
        zeros([2 ** 50]);
      } catch (error) {
        throw explainOutOfMemory(error, "--batch");
      }
    },
    (error) => {
      assert.ok(error instanceof UserError, String(error));
      return /^out of memory: 4194304\.0 GiB more were refused; lower --batch, or free some memory$/.test(error.message);
    },
  );
});

test("other refusals of memory, and errors that are none", () => {
  const explained = (message: string) => (explainOutOfMemory(new Error(message), "--batch") as Error).message;
  assert.match(
    explained("CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 79 GiB"),
    /^out of memory: 2\.5 GiB more were refused; lower --batch/,
  );
  for (const text of [
    "std::bad_alloc",
    "Array buffer allocation failed",
    "libgdal.so.32: failed to map segment from shared object",
  ])
    assert.equal(explained(text), "out of memory; lower --batch, or free some memory");
  for (const error of [new Error("out of cheese"), new UserError("a.png: Cannot allocate memory"), "text"])
    assert.equal(explainOutOfMemory(error, "--batch"), error);
});
