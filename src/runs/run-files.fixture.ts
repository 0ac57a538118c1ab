// The files of a run that did not finish, for tests.

import { readdirSync } from "node:fs";

/** Their names, without provenance.json: a training that ends early may or may not have written it. */
export const filesOf = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name !== "provenance.json")
    .sort();
