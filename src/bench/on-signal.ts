// Cleans up when a signal ends the process.

import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs `cleanUp` before a signal ends the process; the function that is returned gives the signals back. */
export function onSignal(cleanUp: (signal: NodeJS.Signals) => void): () => void {
  const end = (signal: NodeJS.Signals): void => {
    try {
      cleanUp(signal);
    } finally {
      process.exit(128 + constants.signals[signal]);
    }
  };
  for (const signal of signals) process.on(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}
