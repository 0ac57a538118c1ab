import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { UserError } from "../../errors.ts";
import { JsonSections } from "./sections.ts";

const dir = mkdtempSync(join(tmpdir(), "json-sections-"));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, "a.json");

/** Everything in the file, read list by list. */
function contentOf(text: string): unknown {
  writeFileSync(file, text);
  const json = new JsonSections(file);
  if (!json.isObject) return json.other;
  const keys = Object.keys(JSON.parse(text));
  return Object.fromEntries(keys.map((key) => [key, json.isList(key) ? [...json.items(key)] : json.value(key)]));
}

test("reads what JSON.parse reads and refuses what it refuses", () => {
  const rooted = fc.dictionary(fc.string(), fc.oneof(fc.array(fc.jsonValue({ maxDepth: 2 })), fc.jsonValue({ maxDepth: 2 })));
  const text = fc
    .tuple(
      rooted,
      fc.integer({ min: 0, max: 2 }),
      fc.boolean(),
      fc.nat(),
      fc.constantFrom("", "]", "}", "{", "[", ",", '"', "\\", ":", "1", " "),
    )
    .map(([value, indent, damage, n, extra]) => {
      const json = JSON.stringify(value, null, indent);
      const at = n % (json.length + 1);
      return damage ? json.slice(0, at) + extra + json.slice(at + (n % 2)) : json;
    });
  fc.assert(
    fc.property(text, (candidate) => {
      let expected: unknown;
      try {
        expected = JSON.parse(candidate);
      } catch {
        assert.throws(() => {
          writeFileSync(file, candidate);
          new JsonSections(file);
        }, UserError);
        return;
      }
      assert.deepEqual(contentOf(candidate), expected, candidate);
    }),
    { numRuns: 2000, endOnFailure: true },
  );
});

test("long lists are parsed in parts, and a fault in them has its line", () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => ({ id: i, text: `é"\\[{${"x".repeat(i % 50)}` }));
  const text = `{"a": 1,\n"rows": [\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]}`;
  writeFileSync(file, `\ufeff${text}`);
  const json = new JsonSections(file);
  assert.deepEqual([...json.items("rows")], rows);
  assert.equal(json.lineOf(["rows", 20_000]), 20_003);
  const lines = () => [0, 7, 29_999].map((i) => json.lineOfItem(["rows"], i));
  assert.deepEqual(lines(), [3, 10, 30_002]);
  json.release();
  assert.deepEqual(lines(), [3, 10, 30_002]);
  assert.equal(json.lineOf(["rows", 20_000]), 20_003);
  assert.match(json.fault(["rows", 7, "text"], "wrong").message, /a\.json:10: rows\[7\]\.text: wrong$/);

  const faults: [string, RegExp][] = [
    [text.replace('{"id":20000,', '{"id":20000'), /:20003: is not valid JSON: expected a comma or \}/],
    [text.replace('},\n{"id":20000,', '}\n{"id":20000,'), /:20003: is not valid JSON: expected a comma or \]/],
    [text.replace("\n]}", ",\n]}"), /:30003: is not valid JSON: expected a value/],
    [text.replace("\n]}", "\n}}"), /:30003: is not valid JSON: expected a comma or \]/],
    [text.replace("\n]}", ""), /:30002: is not valid JSON: the file ends/],
    [text.replace('\n{"id":0,', '\n,{"id":0,'), /:3: is not valid JSON: expected a value/],
  ];
  for (const [wrong, message] of faults) {
    writeFileSync(file, wrong);
    assert.throws(() => [...new JsonSections(file).items("rows")], message);
  }
});

test("other roots and missing lists", () => {
  assert.deepEqual(contentOf("[1, 2]"), [1, 2]);
  assert.equal(contentOf("null"), null);
  assert.deepEqual(contentOf("{}"), {});
  writeFileSync(file, '{"a": NaN,\n"rows": [{"area": NaN},\n{"area": -Infinity}]}');
  const json = new JsonSections(file);
  assert.deepEqual([...json.items("rows")], [{ area: "NaN" }, { area: "-Infinity" }]);
  assert.match(json.fault(["rows", 1, "area"], "wrong").message, /:3: rows\[1\]\.area: wrong$/);
  writeFileSync(file, '{"a": 1}');
  assert.deepEqual([new JsonSections(file).value("b"), new JsonSections(file).isList("b")], [undefined, false]);
  assert.throws(() => new JsonSections(join(dir, "none.json")), /none\.json: cannot be read: no such file or directory/);
});
