// Where and how libtorch computes: what the options --device and --threads mean.

import { checkDevice, setThreads, slowBlasWarning } from "@sparsecell/torch";
import { reason, UserError } from "../errors.ts";

/** Throws a UserError when the device is missing; says in one line on stderr when the linked BLAS is a slow one. */
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
