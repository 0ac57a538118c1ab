// What a plan decides on: all that is not the dataset, the machine or the seed.

import type { ValuesOf } from "./declarations.ts";
import { presetSettings } from "./presets.ts";
import { trainingSettings } from "./training.ts";

const { method } = trainingSettings;

export const plannedSettings = { ...presetSettings, method };
export type PlannedSettings = ValuesOf<typeof plannedSettings>;
