// The page of a round, to keep or to print: what was asked for, what it learned from, how it went, what the answers say.

import type { Interval, Queue, Round } from "../api.ts";
import type { RoundFolder } from "./round-folder.ts";

export function roundPage(round: Round, { answered, left, estimate }: Queue, { run }: RoundFolder): string {
  const { learned, heldOut, completeness, request } = round;
  const rows: readonly (readonly [string, string])[] = [
    ["phase", round.phase + (round.error ? `: ${round.error}` : "")],
    ["started", round.started],
    ["finished", round.finished ?? "not yet"],
    [
      "learned from",
      `${learned.cells} cells, ${learned.negatives} places that are not cells, ${learned.regions} regions on ${learned.images} images; actions up to ${round.action}`,
    ],
    ["started from", typeof request.from === "number" ? `the model of round ${request.from}` : "a new model"],
    ["time", request.budget],
    ["steps", `${round.step} of ${round.steps ?? "?"}`],
    ["last loss", run.log().at(-1)?.loss.toFixed(3) ?? "none"],
    [
      "held-out marks",
      heldOut ? `${heldOut.found} of ${heldOut.marks} found at a score of ${heldOut.score}` : "none were held out",
    ],
    ["marked, as the training counted", completeness ? interval({ value: completeness.part, ...completeness }) : "not counted"],
    ["answers", `${answered} given, ${left} left`],
    ["cells among what is found and not marked, as the answers say", interval(estimate.precision)],
    ["cells that are marked, as the answers say", interval(estimate.completeness)],
    ["advice", estimate.advice],
    ...round.plan.map(({ what, chosen, reason }) => [`plan: ${what}`, `${chosen} (${reason})`] as const),
  ];
  const table = rows
    .map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`)
    .join("\n");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Round ${round.number}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}th{text-align:left;vertical-align:top;padding-right:2rem;font-weight:600}td,th{padding-block:.25rem;border-top:1px solid #8884}</style>
</head><body><main><h1>Round ${round.number}</h1><table>
${table}
</table></main></body></html>
`;
}

const interval = (value: Interval | null): string =>
  value ? `${percent(value.value)} % (${percent(value.low)} to ${percent(value.high)})` : "not known yet";

const percent = (part: number): string => (100 * part).toFixed(1);

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[letter] as string);
