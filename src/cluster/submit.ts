// Submits what is missing of a folder's work: not done by its files, and not in the queue.

import { rmSync } from "node:fs";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { attemptsIn, isActive } from "./attempts.ts";
import { type Element, writeElements } from "./elements.ts";
import { type JobFolder, jobName, newJobFolder } from "./job-folder.ts";
import { arrayScript, jobScript, type Script, type SlurmSettings } from "./job-script.ts";
import { largestArray, submitScript } from "./slurm.ts";

export interface Submission {
  /** The folder of the results. */
  readonly dir: string;
  readonly elements: readonly Element[];
  readonly isDone: (element: Element) => boolean;
  readonly settings: SlurmSettings;
  /** Elements at a time; null for as many as Slurm will. */
  readonly atATime: number | null;
  /** The program, word by word. */
  readonly program: readonly string[];
  /** What the program is called with when all elements have ended, well or not; null for nothing. */
  readonly report: readonly string[] | null;
}

export interface Submitted {
  /** The arrays: more than one where Slurm limits their size. */
  readonly arrays: readonly { readonly job: string; readonly elements: number }[];
  readonly reportJob: string | null;
  readonly done: number;
  /** In the queue from earlier. */
  readonly queued: number;
}

/** Throws a UserError when Slurm is missing or refuses the job; nothing is left of that job then. */
export function submit(submission: Submission): Submitted {
  const { dir, elements, isDone, report } = submission;
  const { byName, silent } = attemptsIn(dir);
  if (silent !== null) throw new UserError(silent);
  const missing = elements.filter((element) => !isDone(element) && !isActive(byName.get(element.name)?.line));
  const done = elements.filter((element) => isDone(element)).length;
  if (missing.length === 0) return { arrays: [], reportJob: null, done, queued: elements.length - done };
  const arrays: { job: string; elements: number; folder: JobFolder }[] = [];
  for (const part of parts(missing, largestArray())) {
    const after = submission.atATime === null ? undefined : arrays.at(-1)?.job; // each array has its own limit
    arrays.push({ ...submitArray(submission, part, after), elements: part.length });
  }
  const reportJob = report === null ? null : submitReport(submission, report, arrays);
  return { arrays, reportJob, done, queued: elements.length - done - missing.length };
}

/** As many lists as it takes to have at most `size` in each. */
export const parts = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, k) => items.slice(k * size, (k + 1) * size));

function submitArray(submission: Submission, elements: readonly Element[], after: string | undefined) {
  const { dir, atATime } = submission;
  const folder = newJobFolder(dir);
  try {
    writeElements(folder.listFile, elements);
    const log = pattern(folder.logFile("*")).replace("*", "%a");
    writeFileAtomic(folder.scriptFile, arrayScript({ ...scriptOf(submission, folder, log), list: folder.listFile }));
    const limit = atATime === null ? "" : `%${atATime}`;
    const dependency = after === undefined ? [] : [`--dependency=afterany:${after}`];
    const job = submitScript(folder.scriptFile, [`--array=0-${elements.length - 1}${limit}`, ...dependency]);
    return { job, folder };
  } catch (error) {
    rmSync(folder.dir, { recursive: true, force: true });
    throw error;
  }
}

function submitReport(
  submission: Submission,
  args: readonly string[],
  arrays: readonly { job: string; folder: JobFolder }[],
): string {
  const { folder } = arrays[arrays.length - 1];
  const script = scriptOf(submission, folder, pattern(folder.reportLog));
  writeFileAtomic(folder.reportScript, jobScript({ ...script, args }));
  return submitScript(folder.reportScript, [`--dependency=afterany:${arrays.map(({ job }) => job).join(":")}`]);
}

const scriptOf = ({ dir, settings, program }: Submission, folder: JobFolder, log: string): Script => ({
  name: jobName(dir),
  comment: folder.dir,
  log,
  cwd: process.cwd(),
  settings,
  program,
});

/** A path as Slurm's patterns want it. */
const pattern = (path: string): string => path.replaceAll("%", "%%");
