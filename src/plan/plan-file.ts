// A plan in a file: what `plan --json` prints and `train --plan` takes. In each choice `settings` counts, and may be edited; `chosen`
// and `reason` are for people.

import { UserError } from "../errors.ts";
import { readJsonFile } from "../files/json/file.ts";
import { anyText, listOf, objectOf, requireShape, type Shape } from "../files/json/shape.ts";
import { isObject } from "../files/json/value.ts";
import { version } from "../version.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { type Plan, settingsFault, withGiven } from "./plan.ts";
import type { Choice } from "./rules.ts";

const anyObject: Shape = (value) => (isObject(value) ? null : { path: [], message: "expected an object" });

/** Of each choice, as a file and a run's record have it. */
export const choiceShape = objectOf({ what: anyText, chosen: anyText, reason: anyText, settings: anyObject });
const planShape = objectOf({ sparsecell: anyText, data: anyText, fingerprint: anyObject, choices: listOf(choiceShape) });

export const planDocument = ({ fingerprint, choices }: Plan, data: string) => ({
  sparsecell: version,
  data,
  fingerprint,
  choices,
});

/** The choices of a file, for a dataset with this fingerprint. Throws a UserError that names the file and what is wrong in it. */
export function readPlan(file: string, fingerprint: Fingerprint): Plan {
  const { choices } = requireShape<{ choices: Choice[] }>(
    readJsonFile(file),
    planShape,
    'this is not a plan; make one with "npx sparsecell plan DIR --json"',
  );
  const plan = withGiven(fingerprint, choices, {});
  const fault = settingsFault(plan.settings);
  if (fault) throw new UserError(`${file}: ${fault.path.join(".")}: ${fault.message}; correct it, or make a new plan`);
  const unknown = unknownSetting(choices, plan.settings);
  if (unknown) throw new UserError(`${file}: unknown setting ${unknown}; remove it`);
  return plan;
}

function unknownSetting(choices: readonly Choice[], known: unknown): string | null {
  const search = (given: unknown, expected: unknown, path: string): string | null => {
    if (!isObject(given) || !isObject(expected)) return null;
    for (const [name, value] of Object.entries(given)) {
      const here = path === "" ? name : `${path}.${name}`;
      if (!(name in expected)) return here;
      const inside = search(value, expected[name], here);
      if (inside) return inside;
    }
    return null;
  };
  for (const { settings } of choices) {
    const unknown = search(settings, known, "");
    if (unknown) return unknown;
  }
  return null;
}
