// What sbatch gets. An element that saved a checkpoint because its time is nearly up says so by its exit code, and goes back into
// the queue.

import { shellWord } from "../files/shell-word.ts";

/** What a job asks of Slurm. */
export interface SlurmSettings {
  readonly partition?: string;
  readonly account?: string;
  /** As Slurm writes times: minutes, hours:minutes:seconds, days-hours. */
  readonly time?: string;
  /** GPUs of an element. */
  readonly cards?: number;
  /** Cores of an element. */
  readonly cpus?: number;
  /** Further lines as they follow #SBATCH. */
  readonly lines: readonly string[];
}

export interface Script {
  readonly name: string;
  /** By which the queue's lines are told apart. */
  readonly comment: string;
  /** The log's path; %a is the element. */
  readonly log: string;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  readonly settings: SlurmSettings;
  /** The program that every element runs, word by word. */
  readonly program: readonly string[];
}

/** Seconds between the warning and the time limit: a training step and a checkpoint have to fit. */
const WARNING = 120;

/** The job script of an array: element i runs `program` with the list and i. */
export function arrayScript(script: Script & { readonly list: string }): string {
  const { settings, program, list } = script;
  return `${head(script, [
    ...(settings.cpus === undefined ? [] : [`--cpus-per-task=${settings.cpus}`]),
    ...(settings.cards === undefined ? [] : [`--gres=gpu:${settings.cards}`]),
    ...(settings.time === undefined ? [] : [`--time=${quoted(settings.time)}`]),
    "--requeue",
    `--signal=B:USR1@${WARNING}`,
    ...settings.lines,
  ])}
export OMP_NUM_THREADS="\${OMP_NUM_THREADS:-$SLURM_CPUS_ON_NODE}"
trap 'kill -USR1 $pid' USR1 # time is nearly up
trap : TERM                 # the program got it, too, and saves a checkpoint
${[...program, "element", list].map(shellWord).join(" ")} "$SLURM_ARRAY_TASK_ID" & pid=$!
wait $pid; code=$?
while kill -0 $pid 2>/dev/null; do wait $pid; code=$?; done # a signal ends a wait early
[ $code -eq 138 ] && exec scontrol requeue "\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
exit $code
`;
}

/** The script of a single job that runs the program with `args`. */
export function jobScript(script: Script & { readonly args: readonly string[] }): string {
  return `${head(script, [...script.settings.lines])}
exec ${[...script.program, ...script.args].map(shellWord).join(" ")}
`;
}

function head({ name, comment, log, cwd, settings }: Script, lines: readonly string[]): string {
  const { partition, account } = settings;
  const all = [
    `--job-name=${quoted(name)}`,
    `--comment=${quoted(comment)}`,
    `--chdir=${quoted(cwd)}`,
    `--output=${quoted(log)}`,
    "--open-mode=append",
    ...(partition === undefined ? [] : [`--partition=${quoted(partition)}`]),
    ...(account === undefined ? [] : [`--account=${quoted(account)}`]),
    ...lines,
  ];
  return `#!/bin/sh\n${all.map((line) => `#SBATCH ${line}\n`).join("")}`;
}

/** As sbatch reads the words of a #SBATCH line. */
const quoted = (text: string): string => (/^[\w@+=:,./%-]*$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`);
