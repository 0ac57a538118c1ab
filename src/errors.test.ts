import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { printable, UserError } from "./errors.ts";

test("a UserError is one printable line, whatever names are in it", () => {
  assert.equal(
    new UserError('"a\nb\t\u001b[2J\u202e.png": is missing').message,
    '"a\\u000ab\\u0009\\u001b[2J\\u202e.png": is missing',
  );
  assert.equal(printable("größe 😀 3×4 µm"), "größe 😀 3×4 µm");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 3000 }), (text) => {
      assert.doesNotMatch(new UserError(text).message, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

test("of a very long message the middle is left out", () => {
  const line = new UserError(`start${"a".repeat(1e6)}end`).message;
  assert.equal(line.length, 1000);
  assert.match(line, /^starta+…a+end$/);
});
