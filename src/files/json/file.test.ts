import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { UserError } from "../../errors.ts";
import { readJsonFile } from "./file.ts";
import { findSyntaxFault, offsetOfPath } from "./scanner.ts";

const dir = mkdtempSync(join(tmpdir(), "json-file-"));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, "a.json");

function errorOf(content: string | Uint8Array): string {
  writeFileSync(file, content);
  try {
    readJsonFile(file);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replace(file, "FILE");
  }
  return assert.fail("was read");
}

test("a syntax error names its line", () => {
  assert.equal(errorOf(""), "FILE:1: is not valid JSON: the file ends where a value should follow; it may be cut off");
  assert.equal(errorOf('{\n"a": nan\n}'), "FILE:2: is not valid JSON: expected a value, got nan");
  assert.equal(errorOf('{"a": [NaN,\n1,\n]}'), "FILE:3: is not valid JSON: expected a value, got ]");
  assert.equal(errorOf("[\n1,\n]"), "FILE:3: is not valid JSON: expected a value, got ]");
  assert.equal(errorOf("[1\n2]"), "FILE:2: is not valid JSON: expected a comma or ], got 2");
  assert.equal(errorOf('{"a": 1,\n\n b: 2}'), "FILE:3: is not valid JSON: expected a key in double quotes, got b");
  assert.equal(errorOf('{"a"\n 1}'), 'FILE:2: is not valid JSON: expected a colon after "a", got 1');
  assert.equal(errorOf("{}\n{}"), "FILE:2: is not valid JSON: expected the end of the file, got {");
  assert.match(errorOf('{\n"a": "cut'), /^FILE:2: is not valid JSON: a string without its closing quote/);
  assert.match(errorOf('\n["\\x"]'), /^FILE:2: is not valid JSON: a control character or unknown escape/);
  assert.match(errorOf('{"a": [1, 2'), /the file ends where a comma or \] should follow; it may be cut off/);
});

test("a bare NaN or Infinity, which Python and old QuPath write, is its text; strings stay as they are", () => {
  writeFileSync(file, '{"a": NaN, "b \\" NaN": [-Infinity,\nInfinity, "NaN, \\\\"], "c": "-Infinity", "NaNs": {"d": NaN}}');
  const json = readJsonFile(file);
  assert.deepEqual(json.value, {
    a: "NaN",
    'b " NaN': ["-Infinity", "Infinity", "NaN, \\"],
    c: "-Infinity",
    NaNs: { d: "NaN" },
  });
  assert.equal(json.lineOf(['b " NaN', 1]), 2);
});

test("a file that is missing or not UTF-8 is named", () => {
  assert.throws(
    () => readJsonFile(join(dir, "none.json")),
    /none\.json: cannot be read: no such file or directory; check the path/,
  );
  assert.throws(() => readJsonFile(dir), /: is a folder; pass a text file/);
  assert.match(errorOf(Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0)), /^FILE: is not UTF-8 text/);
});

test("a byte order mark and nesting of 100,000 are read", () => {
  writeFileSync(file, '\ufeff{"a": 1}');
  assert.deepEqual(readJsonFile(file).value, { a: 1 });
  assert.match(errorOf("[".repeat(100_000)), /^FILE:1: is not valid JSON: the file ends/);
});

test("a fault names the line of its path, or of the nearest ancestor", () => {
  writeFileSync(file, '{\n  "a": [\n    {"b": [1, 2]},\n    {"b":\n      [3, {"c,]": null}]}\n  ],\n  "d": "x"\n}\n');
  const json = readJsonFile(file);
  const at = (path: (string | number)[]) => json.fault(path, "wrong").message.replace(file, "FILE");
  assert.equal(at([]), "FILE:1: wrong");
  assert.equal(at(["a"]), "FILE:2: a: wrong");
  assert.equal(at(["a", 0, "b", 1]), "FILE:3: a[0].b[1]: wrong");
  assert.equal(at(["a", 1, "b"]), "FILE:5: a[1].b: wrong");
  assert.equal(at(["a", 1, "b", 1, "c,]"]), "FILE:5: a[1].b[1].c,]: wrong");
  assert.equal(at(["a", 1, "missing"]), "FILE:4: a[1].missing: wrong");
  assert.equal(at(["d"]), "FILE:7: d: wrong");
});

test("the scanner accepts what JSON.parse accepts and refuses what it refuses", () => {
  const text = fc.oneof(
    fc.json(),
    fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", "]", "{", ",", '"', "\\", "0", "\n", "e", "-", "true", "\u0001"))
      .map(([json, n, extra]) => {
        const at = n % (json.length + 1);
        return json.slice(0, at) + extra + json.slice(at + (n % 2));
      }),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      let valid = true;
      try {
        JSON.parse(candidate);
      } catch {
        valid = false;
      }
      assert.equal(findSyntaxFault(candidate) === null, valid, candidate);
    }),
    { numRuns: 2000 },
  );
});

test("the offset of a path is where its value starts", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 2 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const check = (part: unknown, path: (string | number)[]) => {
        const offset = offsetOfPath(text, path);
        const first = JSON.stringify(part)[0];
        assert.equal(text[offset], first);
        if (typeof part !== "object" || part === null) assert.ok(text.startsWith(JSON.stringify(part), offset));
        else for (const [key, child] of Object.entries(part)) check(child, [...path, Array.isArray(part) ? Number(key) : key]);
      };
      check(value, []);
    }),
  );
});
