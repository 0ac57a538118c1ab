// Ctrl-C, SIGTERM and SIGUSR1 (a scheduler's warning that time is up) ask a long command to stop after the current step; a second
// one ends the process at once. They are noticed between steps.

import { constants } from "node:os";

export interface StopSignal {
  /** The signal that arrived; null until one does. */
  readonly signal: NodeJS.Signals | null;
  /** 128 + the signal's number; 0 until one arrives. */
  readonly exitCode: number;
  /** Gives the signals back to the process. */
  release(): void;
}

const signals = ["SIGINT", "SIGTERM", "SIGUSR1"] as const; // Node would start its debugger on the last

/** npx passes Ctrl-C on to a process that already got it from the terminal: a signal within so many ms is the same one. */
const ECHO = 250;

const exitCodeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** `onStop` is told of the first signal; `said` is what the terminal shows then, if anything. */
export function trackStop(
  onStop: (signal: NodeJS.Signals) => void = () => {},
  said: string | null = "stopping after the current step; repeat to stop at once",
): StopSignal {
  let first: { readonly signal: NodeJS.Signals; readonly time: number } | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    const time = performance.now();
    if (first) {
      if (time - first.time > ECHO) process.exit(exitCodeOf(signal));
      return;
    }
    first = { signal, time };
    if (said !== null) process.stderr.write(`\n${said}\n`);
    onStop(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    get signal() {
      return first?.signal ?? null;
    },
    get exitCode() {
      return first ? exitCodeOf(first.signal) : 0;
    },
    release: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
