import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Json, parseStrictJson } from "./strict-json.ts";

/** What JSON.parse would have given. */
function plain(value: Json): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  return value;
}

test("agrees with JSON.parse", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      assert.deepEqual(plain(parseStrictJson(` ${text}\n`)), JSON.parse(text));
    }),
  );
});

test("refuses every text that JSON.parse refuses", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...'{}[]:,"\\u0041-1.5e+ \n\ttruefalsnul', '"a":', "true", "null"), { maxLength: 8 }),
      (parts) => {
        const text = parts.join("");
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        if (!valid) assert.throws(() => parseStrictJson(text), SyntaxError);
      },
    ),
    { numRuns: 2000 },
  );
});

test("whole numbers are exact, others are numbers", () => {
  assert.deepEqual(parseStrictJson("[9007199254740993, -0, 1.0, 1e2]"), [9007199254740993n, 0n, 1, 100]);
});

const faults: [string, RegExp][] = [
  ['{"a":1,"a":2}', /the key "a" a second time at character 7/],
  ['{"a":1,"\\u0061":2}', /the key "a" a second time/],
  ['[{"x":{"k":1,"j":2,"k":3}}]', /the key "k" a second time/],
  ["[".repeat(100_000), /nested deeper than 32/],
  ["1".repeat(100_000), /too long/],
  ['"\\ud800"', /half a surrogate pair/],
  ['{"a":1} x', /expected the end at character 8/],
  ['{"a" 1}', /expected : at character 5/],
  ["[1 2]", /expected ] at character 3/],
  ['{"a":"b', /broken text/],
  ["", /expected a value at character 0/],
];
for (const [text, message] of faults) {
  test(`refuses ${text.slice(0, 30)}`, () => assert.throws(() => parseStrictJson(text), { name: "SyntaxError", message }));
}
