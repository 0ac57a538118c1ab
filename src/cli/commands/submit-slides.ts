// `sparsecell predict --executor slurm`: every slide is an element, which runs the same command for that slide alone.

import { dirname, join, resolve } from "node:path";
import { type Element, isDone } from "../../cluster/elements.ts";
import { jobFolders } from "../../cluster/job-folder.ts";
import { requireSlurm } from "../../cluster/slurm.ts";
import { submit } from "../../cluster/submit.ts";
import { UserError } from "../../errors.ts";
import { lockFolder } from "../../files/folder-lock.ts";
import { type ExecutorOptions, saySubmitted, slurmSettings, thisProgram, withoutExecutor } from "../options/executor.ts";
import type { NamedSlide } from "../options/slide-paths.ts";

interface SlideArray {
  readonly slides: readonly NamedSlide[];
  /** The files of each. */
  readonly files: readonly (readonly string[])[];
  /** The words of this command. */
  readonly words: readonly string[];
  readonly options: ExecutorOptions & { readonly out: string; readonly jobs?: number; readonly overwrite?: boolean };
}

export function submitSlides({ slides, files, words, options }: SlideArray): void {
  const { out, jobs = null, overwrite = false } = options;
  if (files.some(([first]) => first === out))
    throw new UserError(`${out}: is a file; pass a folder to --out with --executor slurm`);
  const elements = slides.map(
    ({ stem }, i): Element => ({
      name: stem,
      command: [words[0], "--only", stem, ...withoutExecutor(words.slice(1))],
      files: [...files[i], join(dirname(files[i][0]), "settings.json")].map((file) => resolve(file)),
    }),
  );
  requireSlurm();
  const unlock = lockFolder(out);
  try {
    const earlier = new Map(jobFolders(out).flatMap((folder) => folder.elements().map(({ name, command }) => [name, command])));
    const isSame = ({ name, command }: Element): boolean => earlier.get(name)?.join("\0") === command.join("\0");
    const submitted = submit({
      dir: out,
      elements,
      isDone: (element) => !overwrite && isSame(element) && isDone(element), // after other options the search itself has to say
      settings: slurmSettings(options),
      atATime: jobs,
      program: thisProgram(),
      report: null,
    });
    saySubmitted(out, submitted, "slides");
  } finally {
    unlock();
  }
}
