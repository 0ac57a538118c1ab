// Every method that is a calibration of one pass. A new one is a file and a line here; the contract test finds it. What `--method`
// takes are these and the procedures of src/procedures/index.ts.

import { bceBlur } from "./bce-blur.ts";
import { bde } from "./bde.ts";
import { brl } from "./brl.ts";
import type { Calibration } from "./calibration.ts";
import { completeness } from "./completeness.ts";
import { constantWeight } from "./constant-weight.ts";
import { focal } from "./focal.ts";
import { fpn } from "./fpn.ts";
import { ghm } from "./ghm.ts";
import { labelSmoothing } from "./label-smoothing.ts";
import { type NamedMethod, parseMethod } from "./method.ts";
import { nnpu } from "./nnpu.ts";
import { proselflc } from "./proselflc.ts";
import { shuffledEnergy } from "./shuffled-energy.ts";
import { softSampling } from "./soft-sampling.ts";
import { sparsedetMask } from "./sparsedet-mask.ts";

/**
 * Every method that is a calibration, in the order in which tables have them.
 *
 * @example
 * for (const { id, label, meaning } of methods) console.log(id, label, meaning);
 */
export const methods: readonly NamedMethod[] = [
  fpn,
  labelSmoothing,
  proselflc,
  bde,
  completeness,
  constantWeight,
  shuffledEnergy,
  softSampling,
  focal,
  ghm,
  nnpu,
  brl,
  bceBlur,
  sparsedetMask,
];

/**
 * The calibration of a name: a method's name, with options after a colon. Throws a UserError on an unknown name or
 * option, and on a value outside its range.
 *
 * @example
 * const calibration = calibrationNamed("constant-weight:weight=0.5");
 * calibration.label; // "FPN + constant weight (weight=0.5)"
 */
export const calibrationNamed = (name: string): Calibration => parseMethod(name, methods);
