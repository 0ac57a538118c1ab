// Every calibration, under the name that `--method` takes. A new one is a file and a line here; the contract test finds it.

import { bde } from "./bde.ts";
import type { Calibration } from "./calibration.ts";
import { fpn } from "./fpn.ts";

export const calibrations: readonly Calibration[] = [fpn, bde];

/** The calibration of that name; undefined when there is none. */
export const calibrationNamed = (name: string): Calibration | undefined =>
  calibrations.find((calibration) => calibration.name === name);
