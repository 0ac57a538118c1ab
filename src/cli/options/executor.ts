// --executor and what goes with it: where the pieces of long work are done.

import { fileURLToPath } from "node:url";
import { InvalidArgumentError, Option } from "commander";
import type { Submitted } from "../../cluster/submit.ts";
import { UserError } from "../../errors.ts";
import { shellWord } from "../../files/shell-word.ts";
import { whole } from "./values.ts";

export interface ExecutorOptions {
  readonly executor: "local" | "slurm";
  readonly partition?: string;
  readonly account?: string;
  readonly time?: string;
  readonly cards?: number;
  readonly cpus?: number;
  readonly sbatch?: readonly string[];
}

/** `piece`: what an element of the job array is, in words. */
export const executorOptions = (piece: string): Option[] => [
  new Option("--executor <name>", `where it is computed: here, or as a job array of Slurm with ${piece} an element`)
    .choices(["local", "slurm"])
    .default("local"),
  new Option("--partition <name>", "Slurm: the partition"),
  new Option("--account <name>", "Slurm: the account"),
  new Option("--time <limit>", "Slurm: the time limit of an element, such as 4:00:00; what is not done then is continued"),
  new Option("--cards <n>", "GPUs of an element").argParser(whole(1)),
  new Option("--cpus <n>", "cores of an element").argParser(whole(1)),
  new Option("--sbatch <line>", "Slurm: a further line of the job script, such as --mem=16G; repeatable").argParser(sbatchLine),
];

function sbatchLine(text: string, earlier: readonly string[] = []): string[] {
  const line = text.replace(/^#SBATCH\s+/, "").trim();
  if (!/^-[^\n\r]+$/.test(line)) throw new InvalidArgumentError("It must be an option of sbatch, such as --mem=16G.");
  return [...earlier, line];
}

/** Throws a UserError when an option of Slurm is given without it, or cards for work that would not use them. */
export function requireExecutor(
  command: string,
  options: ExecutorOptions & { readonly device?: string },
  allowed: readonly (keyof ExecutorOptions)[] = [],
): void {
  if (options.cards !== undefined && options.device === "cpu")
    throw new UserError(`${command}: --cards asks for GPUs, and --device is cpu; pass --device cuda too, or leave out --cards`);
  if (options.executor === "slurm") return;
  const names = ["partition", "account", "time", "cards", "cpus", "sbatch"] as const;
  const given = names.find((name) => options[name] !== undefined && !allowed.includes(name));
  if (given) throw new UserError(`${command}: --${given} is for --executor slurm; pass both`);
}

export const slurmSettings = ({ partition, account, time, cards, cpus, sbatch = [] }: ExecutorOptions) => ({
  partition,
  account,
  time,
  cards,
  cpus,
  lines: sbatch,
});

/** The words of a command without those that say where it runs: what an element runs is the same wherever. */
export function withoutExecutor(words: readonly string[]): string[] {
  const flags = new Set(["--jobs", ...executorOptions("").map(({ long }) => long)]); // each takes a value
  return words.filter((word, i) => !flags.has(word.split("=", 1)[0]) && !flags.has(words[i - 1]));
}

/** How this program is called, word by word. */
export const thisProgram = (): string[] => [
  process.execPath,
  fileURLToPath(new URL("../../../bin/sparsecell.js", import.meta.url)),
];

/** Says what was submitted: the numbers of the jobs on stdout, the rest on stderr. */
export function saySubmitted(dir: string, { arrays, reportJob, done, queued }: Submitted, noun: string): void {
  const before = [...(done > 0 ? [`${done} already finished`] : []), ...(queued > 0 ? [`${queued} already in the queue`] : [])];
  const submitted = arrays.reduce((sum, { elements }) => sum + elements, 0);
  const what = submitted === 0 ? "nothing to submit" : `submitted ${submitted} ${noun}`;
  console.error([what, ...before].join(", "));
  for (const { job, elements } of arrays) console.log(`job ${job}: ${elements} ${noun}`);
  if (reportJob !== null) console.log(`job ${reportJob}: the report, when all have ended`);
  if (submitted + queued > 0) console.error(`how far they are: npx sparsecell status ${shellWord(dir)}`);
}
