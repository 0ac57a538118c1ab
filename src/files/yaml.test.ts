import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { yamlOf } from "./yaml.ts";

test("maps and lists in blocks, as people write them", () => {
  const value = {
    kind: "Job",
    spec: { rules: [{ action: "Ignore", on: [{ type: "a", status: "True" }] }, 3], command: ["sh", "-c", "x $0"] },
  };
  assert.equal(
    yamlOf(value),
    `kind: Job
spec:
  rules:
    - action: Ignore
      "on":
        - type: a
          status: "True"
    - 3
  command:
    - sh
    - "-c"
    - "x $0"
`,
  );
});

test("a YAML reader gives the value back", () => {
  const plain = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(
        null,
        true,
        false,
        0,
        -1.5,
        1e21,
        "",
        "no",
        "1",
        "2026-01-01",
        "a: b",
        "# c",
        "- d",
        "\n",
        "é\u2028",
      ),
      fc.string(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie("value"), { maxKeys: 3 }),
    ),
  })).value;
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), plain, { minKeys: 1 }), (value) => {
      const made = JSON.parse(JSON.stringify(value));
      assert.deepEqual(parse(yamlOf(made)), made);
    }),
  );
});
