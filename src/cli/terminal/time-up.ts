// A scheduler's SIGUSR1, its warning that time is up, to work that may be killed anywhere and then goes on: it ends at once. Where
// nothing was finished since the process began, it would not come further the next time either.

import { constants } from "node:os";

export interface TimeUp {
  /** Something of the work is finished and kept. */
  progressed(): void;
  /** Gives the signal back to the process. */
  release(): void;
}

/** `nothing`: what to say when nothing was finished. */
export function endWhenTimeIsUp(nothing: string): TimeUp {
  let some = false;
  const onSignal = (): void => {
    if (!some) console.error(`sparsecell: ${nothing}`);
    process.exit(some ? 128 + constants.signals.SIGUSR1 : 1);
  };
  process.on("SIGUSR1", onSignal);
  return {
    progressed() {
      some = true;
    },
    release() {
      process.off("SIGUSR1", onSignal);
    },
  };
}
