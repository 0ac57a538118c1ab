// Every training method, under the name that `--method` takes: calibrations of one pass (src/methods/), and procedures that see an
// image twice or keep a teacher. A new procedure is a file and a line here; the contract test finds it.

import { methods } from "../methods/index.ts";
import { type NamedMethod, parseMethod } from "../methods/method.ts";
import { coMining } from "./co-mining.ts";
import { meanTeacher } from "./mean-teacher.ts";
import { plain, type TrainingMethod } from "./procedure.ts";
import { selfTraining } from "./self-training.ts";
import { sparsedet } from "./sparsedet.ts";

/** Those that are more than a calibration. */
export const procedures: readonly NamedMethod<TrainingMethod>[] = [selfTraining, coMining, sparsedet, meanTeacher];

/**
 * Every method, in the order in which tables have them.
 *
 * @example
 * for (const { id, label, meaning } of trainingMethods) console.log(id, label, meaning);
 */
export const trainingMethods: readonly NamedMethod<TrainingMethod>[] = [
  ...methods.map((method) => ({
    ...described(method),
    read(text: string): TrainingMethod {
      const calibration = method.read(text);
      const { name, label } = calibration;
      return { name, label, calibration, procedure: ({ config }) => plain(calibration, { classes: config.classes.length + 1 }) };
    },
  })),
  ...procedures,
];

/**
 * The method that `--method` means: a method's name, with options after a colon. Throws a UserError on an unknown name or option,
 * and on a value outside its range.
 *
 * @example
 * const { label } = trainingMethodNamed("bde:rpn=true"); // "FPN + BDE (rpn=true)"
 */
export const trainingMethodNamed = (name: string): TrainingMethod => parseMethod(name, trainingMethods);

function described({ id, label, meaning, options }: (typeof methods)[number]) {
  return { id, label, meaning, options };
}
