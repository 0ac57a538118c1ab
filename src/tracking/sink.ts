// Where a run's curves go. A sink may fail at any call: the training does not notice.

import type { Png } from "./event-file.ts";
import type { Point } from "./points.ts";

/** How a training ended. */
export type Ending = "finished" | "stopped" | "failed";

export interface Sink {
  /** For people. */
  readonly name: string;
  /** Called before anything else, and again after a failure; the last step of each curve that it has. */
  open(): Promise<ReadonlyMap<string, number>>;
  /** In the order of their logs; those that it has are left out. */
  points(points: readonly Point[]): Promise<void>;
  picture?(tag: string, step: number, picture: Png): Promise<void>;
  close(ending: Ending): Promise<void>;
}
