// Where and how libtorch computes.

import type { ValuesOf } from "./declarations.ts";
import { flag, oneOf, text, whole } from "./setting.ts";

export type Dtype = "float32" | "bfloat16";
export type DtypeChoice = "auto" | Dtype;

export const machine = {
  device: text("cpu", "cpu, cuda or cuda:N", { flag: "--device <name>" }),
  dtype: oneOf(["float32", "bfloat16"], "type of activations; weights and losses stay float32", {
    label: "type of activations",
  }),
  channelsLast: flag(true, "the channels-last layout of activations and weights, which is faster than PyTorch's default", {
    flag: "--no-channels-last",
    label: "channels last",
    since: { version: "0.3.0", before: true },
  }),
  threads: whole(1, "threads of libtorch", [1, 1024], { flag: "--threads <n>", auto: "all cores" }),
};

export type Machine = ValuesOf<typeof machine>;

/** `dtype` as commands and protocols have it: what `auto` means is settled, and recorded, when a training begins. */
export const dtypeChoice = oneOf(
  ["auto", "float32", "bfloat16"],
  "type of activations; weights and losses stay float32. auto: bfloat16 where the machine multiplies it",
  { flag: "--dtype <name>", label: "type of activations" },
);
