// The checks of a card, where there is one; on the processor they only show that they can be run.

import { test } from "node:test";
import { runtime } from "@sparsecell/torch";
import { checks } from "../benchmarks/gpu-check/checks.mjs";

const { cudaDevices } = runtime();
for (const [name, check] of await checks("cpu", 0)) test(`processor: ${name}`, check);
if (cudaDevices > 0) for (const [name, check] of await checks("cuda")) test(`card: ${name}`, check);
else test("card", { skip: "the linked libtorch sees no CUDA device" });
