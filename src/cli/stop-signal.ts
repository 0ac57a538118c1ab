// Ctrl-C and SIGTERM ask a long command to stop after the step at hand; a second one ends the process at once.

export interface StopSignal {
  /** Which signal came; null while none has. */
  readonly signal: NodeJS.Signals | null;
  /** 128 + the signal's number. */
  readonly exitCode: number;
  /** Gives the signals back to the process. */
  release(): void;
}

const codes = { SIGINT: 130, SIGTERM: 143 } as const;

/** `onStop` is told of the first signal. */
export function trackStop(onStop: () => void = () => {}): StopSignal {
  let signal: keyof typeof codes | null = null;
  const onSignal = (received: NodeJS.Signals): void => {
    const known = received === "SIGTERM" ? "SIGTERM" : "SIGINT";
    if (signal) process.exit(codes[known]);
    signal = known;
    process.stderr.write("\nstopping after this step; once more to stop at once\n");
    onStop();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return {
    get signal() {
      return signal;
    },
    get exitCode() {
      return signal ? codes[signal] : 0;
    },
    release: () => process.off("SIGINT", onSignal).off("SIGTERM", onSignal),
  };
}
