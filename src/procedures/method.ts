// A training method that is more than a calibration: from options to a procedure.

import { fpn } from "../methods/fpn.ts";
import { type Method, methodOf, type Values } from "../methods/method.ts";
import type { Setting } from "../settings/setting.ts";
import type { TrainingMethod } from "./procedure.ts";

interface Description<O extends { readonly [name: string]: Setting<unknown> }> {
  readonly name: string;
  readonly label: string;
  readonly meaning: string;
  readonly options: O;
  procedure(values: Values<O>): TrainingMethod["procedure"];
}

/** A method whose passes over annotated images have the plain loss. */
export const procedureMethod = <const O extends { readonly [name: string]: Setting<unknown> }>({
  procedure,
  ...described
}: Description<O>): Method<O, TrainingMethod> =>
  methodOf<O, TrainingMethod>(described, (values) => ({ calibration: fpn(), procedure: procedure(values) }));
