// What Slurm knows of a folder's elements: where each is in the queue, and how the last attempt at it ended.

import { UserError } from "../errors.ts";
import { logEnd } from "./element-log.ts";
import { jobFolders, jobName } from "./job-folder.ts";
import { type QueueLine, queueOf } from "./slurm.ts";
import type { PieceStatus } from "./status.ts";

/** Of one element, when it is not done. */
export interface Attempt {
  readonly log: string;
  /** Of the queue; null where that has forgotten it, or was never asked. */
  readonly line: QueueLine | null;
}

export interface Attempts {
  readonly byName: ReadonlyMap<string, Attempt>;
  /** Why the queue could not be asked; null when it was. */
  readonly silent: string | null;
}

/** The newest attempt at each element, those in the queue before others. */
export function attemptsIn(dir: string): Attempts {
  const folders = jobFolders(dir);
  let [lines, silent]: [QueueLine[], string | null] = [[], null];
  try {
    if (folders.length > 0) lines = queueOf(jobName(dir));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    silent = error.message;
  }
  const known = new Map(lines.map((line) => [`${line.comment} ${line.index}`, line]));
  const byName = new Map<string, Attempt>();
  for (const folder of folders)
    for (const [i, { name }] of folder.elements().entries()) {
      const line = known.get(`${folder.dir} ${i}`) ?? null;
      if (!byName.has(name) || isActive(line)) byName.set(name, { log: folder.logFile(i), line });
    }
  return { byName, silent };
}

type ActiveLine = QueueLine & { readonly state: "waiting" | "running" };

export const isActive = (line: QueueLine | null | undefined): line is ActiveLine => line != null && line.state !== "ended";

/** An element that is not done, by its last attempt; `error` is what the element itself has left in words. */
export function attemptedStatus({ log, line }: Attempt, { silent, error }: { silent: boolean; error: string | null }) {
  if (isActive(line)) return { state: line.state, ...placeOf(line) } as const;
  const end = logEnd(log);
  if (silent) return { state: "left", reason: "submitted to Slurm, whose queue cannot be asked here", log } as const;
  if (line?.word === "CANCELLED" || end?.cancelled) return { state: "left", reason: "cancelled" } as const;
  if (end === null && (line === null || line.word === "COMPLETED")) return { state: "left", reason: "never began" } as const;
  const how = line === null || line.word === "FAILED" || line.word === "COMPLETED" ? "" : `${line.word}: `;
  return { state: "failed", reason: `${how}${error ?? end?.line ?? line?.reason ?? "ended"}`, log } as const;
}

function placeOf({ job, index, state, reason, node, elapsed }: QueueLine): Partial<PieceStatus> {
  const name = `${job}_${index}`;
  return state === "running" ? { job: name, node, elapsed } : { job: name, reason };
}
