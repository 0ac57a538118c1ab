// `sparsecell status`: how far the work in a folder is, wherever it is done.

import { Command } from "commander";
import type { PieceStatus, State, WorkStatus } from "../../cluster/status.ts";
import { UserError } from "../../errors.ts";

const EXAMPLE = `
DIR is the --out of an experiment, of predict --executor slurm, or of train. Results come from the folder; where something of it
was submitted to Slurm, its queue says what runs and what waits. "left" is what nothing is going to do: give the same command
again. The exit code is 1 when a piece of the work has failed.

Example:
  $ npx sparsecell status grids/mbm
  $ npx sparsecell status grids/mbm --json`;

export function statusCommand(): Command {
  return new Command("status")
    .description("how far a grid, a training or slides in a queue are: done, running, waiting, failed, time left")
    .argument("<dir>", "folder of the results")
    .option("--json", "print everything as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (dir: string, { json }: { json?: true }) => {
      const [{ statusOf }, { formatDuration }] = await Promise.all([
        import("../../cluster/work-status.ts"),
        import("../terminal/progress.ts"),
      ]);
      const { status, silent } = statusOf(dir);
      if (silent !== null) console.error(`the queue is not known: ${silent}`);
      if (json) console.log(JSON.stringify(status, null, 1));
      else for (const line of statusLines(status, formatDuration)) console.log(line);
      const { failed } = status.counts;
      if (failed > 0) throw new UserError(`${dir}: ${failed} of ${status.pieces.length} failed; the same command tries again`);
    });
}

const nouns = { grid: "runs", slides: "slides", run: "training" } as const;
const states: readonly State[] = ["done", "running", "waiting", "failed", "left"];

/** A line for the whole, and one for each piece that runs, failed or was begun and left. */
function statusLines({ dir, kind, counts, secondsLeft, pieces }: WorkStatus, duration: (seconds: number) => string): string[] {
  const parts = states.filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${state}${reasons(pieces, state)}`);
  const left = secondsLeft === null ? "" : `; about ${duration(secondsLeft)} left`;
  const whole = `${dir}: ${kind === "run" ? "" : `${pieces.length} `}${nouns[kind]}: ${parts.join(", ")}${left}`;
  const shown = pieces.filter(({ state, step }) => state === "running" || state === "failed" || (state === "left" && step));
  return [whole, ...shown.map((piece) => `  ${pieceText(piece)}`)];
}

/** " (Resources, Priority)" of what waits. */
function reasons(pieces: readonly PieceStatus[], state: State): string {
  if (state !== "waiting") return "";
  const known = [...new Set(pieces.flatMap(({ state, reason }) => (state === "waiting" && reason ? [reason] : [])))];
  return known.length === 0 ? "" : ` (${known.join(", ")})`;
}

function pieceText({ name, state, step, steps, job, node, elapsed, reason, log }: PieceStatus): string {
  const facts = [
    ...(steps === undefined ? [] : [`step ${step} of ${steps}`]),
    ...(job === undefined ? [] : [`job ${job} on ${node} for ${elapsed}`]),
    ...(reason === undefined ? [] : [reason]),
    ...(log === undefined ? [] : [`see ${log}`]),
  ];
  return `${state}: ${name}${facts.length > 0 ? `: ${facts.join("; ")}` : ""}`;
}
