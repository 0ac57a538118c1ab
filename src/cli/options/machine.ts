// How libtorch computes: options that several commands have.

import { Option } from "commander";
import { whole } from "./values.ts";

export type DtypeChoice = "auto" | "float32" | "bfloat16";

export const dtypeOption = (): Option =>
  new Option("--dtype <name>", "of activations; weights and losses stay float32. auto: bfloat16 where the machine multiplies it")
    .choices(["auto", "float32", "bfloat16"])
    .default("auto");

export const channelsLastOption = (): Option =>
  new Option("--no-channels-last", "lay out activations with the channels first, as PyTorch does by itself; slower");

export const threadsOption = (): Option =>
  new Option("--threads <n>", "threads of libtorch (default: all cores)").argParser(whole(1, 1024));
