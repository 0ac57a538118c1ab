// How far a folder's work is: by its files first, then by the queue, then by what a process that ended has left.

export type State = "done" | "running" | "waiting" | "failed" | "left";

/** An element, a run of a grid, or a training. */
export interface PieceStatus {
  readonly name: string;
  /** `waiting`: something will do it; `left`: nothing will, as far as can be seen. */
  readonly state: State;
  /** Of a training that has begun. */
  readonly step?: number;
  readonly steps?: number;
  /** "12_3" of Slurm. */
  readonly job?: string;
  readonly node?: string;
  readonly elapsed?: string;
  /** Why it waits, failed or was left: Slurm's word, an error's first line, or the log's last. */
  readonly reason?: string;
  readonly log?: string;
}

export interface WorkStatus {
  readonly dir: string;
  readonly kind: "grid" | "slides" | "run";
  readonly counts: Readonly<Record<State, number>>;
  /** Estimated for what runs and waits; null where nothing is known to estimate it from. */
  readonly secondsLeft: number | null;
  readonly pieces: readonly PieceStatus[];
}

export function workStatus(status: Omit<WorkStatus, "counts">): WorkStatus {
  const counts = { done: 0, running: 0, waiting: 0, failed: 0, left: 0 };
  for (const { state } of status.pieces) counts[state]++;
  const { dir, kind, secondsLeft, pieces } = status;
  return { dir, kind, counts, secondsLeft, pieces };
}
