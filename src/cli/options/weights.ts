// `--weights` on the command line: chosen, and fetched where necessary, with progress.

import { basename } from "node:path";
import { type ChosenWeights, chooseWeights, type WeightsChoice } from "../../train/choose-weights.ts";
import { createProgress, type Progress } from "../terminal/progress.ts";

const MEGABYTE = 1e6;
const megabytes = (bytes: number): number => Math.round(bytes / MEGABYTE);

/** `asked`: what the options say. Null when `signal` ended a download. Throws a UserError when they are not to be had. */
export async function weightsFromCommandLine(
  asked: Omit<WeightsChoice, "onProgress" | "patience">,
): Promise<ChosenWeights | null> {
  let progress: Progress | undefined;
  const onProgress = (address: string, bytes: number, total: number | null) => {
    if (total === null || total < MEGABYTE) return;
    progress ??= createProgress({ label: basename(address), total: megabytes(total), unit: "megabyte" });
    progress.update(megabytes(bytes));
  };
  try {
    return await chooseWeights({ ...asked, onProgress });
  } catch (error) {
    if (asked.signal?.aborted) return null;
    throw error;
  } finally {
    progress?.finish();
  }
}
