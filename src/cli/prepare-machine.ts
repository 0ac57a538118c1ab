// Where and how libtorch computes: what the options --device, --threads and --dtype mean.

import { checkDevice, hasFastBfloat16, setThreads, slowBlasWarning } from "@sparsecell/torch";
import { reason, UserError } from "../errors.ts";
import type { DtypeChoice } from "./options/machine.ts";

/** Throws a UserError when the device is not there; says in one line on stderr when the linked BLAS is a slow one. */
export function prepareMachine({ device, threads }: { device: string; threads?: number }): void {
  try {
    checkDevice(device);
  } catch (error) {
    throw new UserError(`${reason(error)}; choose another --device`);
  }
  if (threads) setThreads(threads);
  const warning = slowBlasWarning();
  if (warning) console.error(warning);
}

/** What `dtype` means on `device`. */
export const chosenDtype = ({ device, dtype }: { device: string; dtype: DtypeChoice }): "float32" | "bfloat16" =>
  dtype !== "auto" ? dtype : hasFastBfloat16(device) ? "bfloat16" : "float32";
