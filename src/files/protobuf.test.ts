import assert from "node:assert/strict";
import { test } from "node:test";
import { byteLength, bytes, double, type Fields, float, integer, message, text } from "./protobuf.ts";
import { bytesOf, fieldsOf } from "./protobuf-reader.ts";

const hex = (fields: Fields): string => Buffer.concat(fields).toString("hex");

test("the bytes of the encoding guide", () => {
  assert.equal(hex(integer(1, 150)), "089601");
  assert.equal(hex(text(2, "testing")), "120774657374696e67");
  assert.equal(hex(message(3, integer(1, 150))), "1a03089601");
  assert.equal(hex(integer(1, -2)), "08feffffffffffffffff01");
  assert.equal(hex(float(20, 1)), "a5010000803f");
  assert.equal(hex(double(1, -1)), "09000000000000f0bf");
});

test("a reader gets back what was written, whatever the sizes", () => {
  const long = new Uint8Array(300).fill(7);
  const inner = [integer(16, 2n ** 63n - 1n), bytes(2, long)];
  const fields = message(1, ...inner);
  assert.equal(byteLength(fields), Buffer.concat(fields).length);
  const [outer] = bytesOf(fieldsOf(Buffer.concat(fields)), 1);
  assert.deepEqual(
    fieldsOf(outer).map(({ field, value }) => [field, value]),
    [
      [16, 2n ** 63n - 1n],
      [2, Buffer.from(long)],
    ],
  );
});
