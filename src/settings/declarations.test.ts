// What holds for every declared setting, so for a new row without a test of its own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { benchSettings } from "../bench/bench-options.ts";
import { completed, defaultsOf, either, linesOf, settingsIn, shapeOf, valuesWith } from "./declarations.ts";
import { presetSettings } from "./presets.ts";
import { flag, list, number, oneOf, orNull, text, whole } from "./setting.ts";
import { trainChoices, trainingSettings } from "./training.ts";

const all = settingsIn({ training: trainingSettings, choices: trainChoices, preset: presetSettings, bench: benchSettings });

test("a setting's default is one of its values, also as text; other values are refused", () => {
  assert.ok(all.length > 80);
  for (const { path, setting } of all) {
    const name = path.join(".");
    assert.equal(setting.shape(setting.default), null, name);
    assert.match(setting.help, /^[^\n]+$/, name);
    const wrong = setting.expected === "text" ? 1 : "no";
    for (const value of [{}, wrong, undefined]) assert.ok(setting.shape(value), `${name}: ${value}`);
    if (setting.flag && setting.default !== null) assert.equal(setting.read(String(setting.default)), setting.default, name);
    if (setting.flag && typeof setting.default === "number")
      for (const value of ["no", "", "NaN", "Infinity", "-1"]) assert.equal(setting.read(value), undefined, `${name} ${value}`);
    for (const choice of setting.choices ?? []) assert.equal(setting.read(choice), choice, name);
  }
});

test("a setting has a line in a report", () => {
  for (const { path, setting } of all) {
    const [line, ...more] = linesOf({ [path.at(-1) as string]: setting }, { [path.at(-1) as string]: setting.default });
    assert.ok(line.label !== "" && line.value !== undefined && more.length === 0, path.join("."));
  }
  const labels = linesOf(trainingSettings, defaultsOf(trainingSettings)).map(({ label }) => label);
  assert.equal(new Set(labels).size, labels.length);
});

test("a record may lack only what came later, which then is as it was before", () => {
  const record = defaultsOf(trainingSettings);
  for (const { path, setting } of settingsIn(trainingSettings)) {
    const lacking = structuredClone(record) as unknown as Record<string, unknown>;
    const group = path.slice(0, -1).reduce((outer, name) => outer[name] as typeof lacking, lacking);
    delete group[path.at(-1) as string];
    const fault = shapeOf(trainingSettings)(lacking);
    assert.deepEqual(fault?.path ?? null, setting.since ? null : path);
    if (!setting.since) continue;
    const value = path.reduce<unknown>(
      (outer, name) => (outer as Record<string, unknown>)[name],
      completed(trainingSettings, lacking),
    );
    assert.equal(value, setting.since.before);
  }
  assert.deepEqual(completed(trainingSettings, { ...record, more: 1 }), { ...record, more: 1 });
});

const machines = {
  speed: number(0.5, "how fast", [0, 1]),
  engine: {
    cylinders: whole(4, "how many", [1]),
    fuel: oneOf(["petrol", "air"], "what it burns", { default: "air" }),
    limit: orNull(number(9, "at most", [0]), "no limit"),
  },
  gear: either({ kind: oneOf(["manual"], "by hand"), gears: whole(5, "how many", [1, 9]) }, oneOf(["automatic"], "by itself")),
  tyres: list([1, 2], "their sizes", { item: number(1, "", [1]).shape }),
  name: text("", "what it is called"),
  fast: flag(false, "whether it is"),
};

test("defaults, with some values in their place, in the order of the declarations", () => {
  const values = defaultsOf(machines);
  assert.deepEqual(values, {
    speed: 0.5,
    engine: { cylinders: 4, fuel: "air", limit: null },
    gear: { kind: "manual", gears: 5 },
    tyres: [1, 2],
    name: "",
    fast: false,
  });
  const changed = valuesWith(machines, { fast: true, engine: { limit: 3 }, gear: "automatic", tyres: [7] });
  assert.deepEqual(changed, {
    ...values,
    engine: { ...values.engine, limit: 3 },
    gear: "automatic",
    tyres: [7],
    fast: true,
  });
  assert.deepEqual(Object.keys(changed), Object.keys(machines));
  assert.deepEqual(valuesWith(machines, { gear: { gears: 3 } }).gear, { kind: "manual", gears: 3 });
  const speed: number = changed.speed; // the types follow
  const fuel: "petrol" | "air" = changed.engine.fuel;
  const gear: "automatic" | { readonly kind: "manual"; readonly gears: number } = changed.gear;
  assert.ok(speed && fuel && gear);
});

test("one line each", () => {
  const lines = (values: Parameters<typeof linesOf<typeof machines>>[1]) =>
    linesOf(machines, values).map(({ label, value }) => `${label}: ${value}`);
  assert.deepEqual(lines(defaultsOf(machines)), [
    "speed: 0.5",
    "cylinders: 4",
    "fuel: air",
    "limit: no limit",
    "kind: manual",
    "gears: 5",
    "tyres: 1, 2",
    "name: ",
    "fast: no",
  ]);
  assert.ok(lines(valuesWith(machines, { gear: "automatic" })).includes("gear: automatic"));
});
