import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dataset } from "../data/dataset.ts";
import { requireClasses } from "./run-classes.ts";

const dataset = (...names: string[]): Dataset => ({
  dir: "data",
  images: [],
  annotations: [],
  categories: [...names.map((name, i) => ({ id: i + 1, name })), { id: 99, name: "no cell", negative: true }],
});

test("a run goes on with the classes that it began with, in their order; one is one, whatever it is called", () => {
  requireClasses("run", ["a", "b"], dataset("a", "b"));
  requireClasses("run", ["cell"], dataset("nucleus"));
  for (const others of [["b", "a"], ["a"], ["a", "b", "c"], ["a", "c"]])
    assert.throws(() => requireClasses("run", ["a", "b"], dataset(...others)), {
      name: "UserError",
      message: `run: finds a, b, but the categories of data are ${others.join(", ")}; pass the dataset that it was trained for`,
    });
});
