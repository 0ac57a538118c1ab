// The part of the interface about rounds, the queue and exports.

import type { Hono } from "hono";
import type { Project, Round } from "../api.ts";
import type { OpenProject } from "../project/open-project.ts";

export interface Rounds {
  /** For GET /api/v1/project. */
  readonly rounds: () => readonly Round[];
  readonly suggested: () => Project["suggested"];
  /** Ends its processes; they can go on at the next opening. */
  readonly close: () => Promise<void>;
}

/** Adds the addresses of rounds to the app. */
export function registerRounds(_app: Hono, _project: OpenProject): Rounds {
  return { rounds: () => [], suggested: () => ({ budget: "90s", weights: "none" }), close: async () => {} };
}
