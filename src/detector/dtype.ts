import { type Device, hasFastBfloat16 } from "@sparsecell/torch";
import type { Dtype, DtypeChoice } from "../settings/machine.ts";

/** What a choice of dtype means on a device: `auto` is bfloat16 where that is multiplied in hardware. */
export const chosenDtype = ({ device, dtype }: { readonly device: Device; readonly dtype: DtypeChoice }): Dtype =>
  dtype !== "auto" ? dtype : hasFastBfloat16(device) ? "bfloat16" : "float32";
