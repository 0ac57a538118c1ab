import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../errors.ts";
import { bde } from "./bde.ts";
import { constantWeight } from "./constant-weight.ts";
import { calibrationNamed, methods } from "./index.ts";

const refused = (text: string, message: string): void =>
  assert.throws(() => calibrationNamed(text), new UserError(message), text);

test("every method is found by its unique name and says what it is", () => {
  assert.equal(new Set(methods.map(({ id }) => id)).size, methods.length);
  assert.equal(new Set(methods.map(({ label }) => label)).size, methods.length);
  for (const { id, label, meaning, options } of methods) {
    assert.match(id, /^[a-z-]+$/);
    const { name, label: own } = calibrationNamed(id);
    assert.deepEqual([name, own], [id, label]);
    for (const text of [label, meaning, ...Object.values(options).map(({ help }) => help)]) assert.match(text, /^[^\n]+$/);
  }
});

test("every default is a value that its option reads", () => {
  for (const { id, options } of methods)
    for (const [key, option] of Object.entries(options)) {
      if (option.default === null) continue; // has its own name: "estimated"
      assert.equal(option.read(String(option.default)), option.default, `${id}:${key}`);
      assert.equal(calibrationNamed(`${id}:${key}=${option.default}`).name, id);
    }
});

test("a name contains the options that are not the default, in a fixed order", () => {
  const names = (...texts: string[]) => texts.map((text) => calibrationNamed(text).name);
  assert.deepEqual(names("bde", "bde:", "bde:rpn=false", "bde:boxes=sampled,regressed=true"), ["bde", "bde", "bde", "bde"]);
  assert.deepEqual(names("bde:rpn=true,boxes=all", "bde:boxes=all,regressed=true,rpn=true"), [
    "bde:boxes=all,rpn=true",
    "bde:boxes=all,rpn=true",
  ]);
  assert.deepEqual(names("constant-weight:weight=1/3", "constant-weight:weight=0.50", "constant-weight:weight=1/4"), [
    "constant-weight",
    "constant-weight:weight=0.5",
    "constant-weight:weight=0.25",
  ]);
  for (const text of ["bde:boxes=all,rpn=true", "constant-weight:weight=2/3", "ghm:bins=10"]) {
    const { name, label } = calibrationNamed(text);
    assert.deepEqual([calibrationNamed(name).name, calibrationNamed(name).label], [name, label]);
  }
});

test("options in code and as text are equivalent", () => {
  assert.equal(bde({ rpn: true, boxes: "all", regressed: undefined }).name, "bde:boxes=all,rpn=true");
  assert.equal(bde({ rpn: true, boxes: "all" }).label, "FPN + BDE (boxes=all, rpn=true)");
  assert.equal(constantWeight({ weight: 1 / 3 }).name, "constant-weight");
});

test("every error is one line", () => {
  const known = methods.map(({ id }) => id).join(", ");
  refused("sgd", `unknown method "sgd"; expected one of ${known}`);
  refused("", `unknown method ""; expected one of ${known}`);
  refused("BDE", `unknown method "BDE"; expected one of ${known}`);
  refused("bde:speed=1", 'bde: unknown option "speed"; its options: boxes, regressed, rpn');
  refused("bde:toString=1", 'bde: unknown option "toString"; its options: boxes, regressed, rpn');
  refused("fpn:x=1", 'fpn: unknown option "x"; its options: none');
  for (const text of ["", "yes", "toString"])
    refused(`bde:rpn${text && `=${text}`}`, `bde: invalid value "${text}" of rpn (${bde.options.rpn.help})`);
  refused("bde:boxes=some", `bde: invalid value "some" of boxes (${bde.options.boxes.help})`);
  assert.match(bde.options.boxes.help, /, sampled or all$/);
  for (const text of ["2", "-0.1", "4/3", "1/0", "0/0", "1/", "/3", "1/2/3", "", " ", "a", "NaN", "Infinity"])
    refused(
      `constant-weight:weight=${text}`,
      `constant-weight: invalid value "${text}" of weight (weight of background RoIs, 0 to 1)`,
    );
  for (const text of ["2.5", "0", "1001", "x"])
    refused(`ghm:bins=${text}`, `ghm: invalid value "${text}" of bins (number of bins of gradient length, whole, 1 to 1000)`);
});
