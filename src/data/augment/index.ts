import type { Random } from "../../random.ts";

type N = "stain" | "brightness" | "contrast" | "gamma" | "blur" | "jpeg";
export const augmentations: readonly { name: N; draw(random: Random, strength: number): unknown }[] = [];
