// Values of options, checked where they are read.

import { InvalidArgumentError } from "commander";

/** A parser of whole numbers from `least` to `most`. */
export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(
        `It must be a whole number from ${least} ${most === Number.MAX_SAFE_INTEGER ? "on" : `to ${most}`}.`,
      );
    return value;
  };

/** A parser of numbers from `least` to `most`. */
export const between =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !(Number.isFinite(value) && value >= least && value <= most))
      throw new InvalidArgumentError(`It must be a number from ${least} to ${most === Infinity ? "any size" : most}.`);
    return value;
  };
