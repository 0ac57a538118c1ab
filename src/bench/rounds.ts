// The results of alternating measurements, as a table and as JSON.

import { median } from "../report/statistics/spread.ts";
import type { BenchOptions } from "./bench-options.ts";
import type { Measured, Round } from "./in-turns.ts";
import { type PartName, parts } from "./parts.ts";

interface Summary {
  readonly part: PartName;
  /** Medians over rounds. */
  readonly seconds: number;
  readonly peakMiB: number;
  readonly theirs: { readonly seconds: number; readonly peakMiB: number; readonly ratio: number } | null;
  /** Our time divided by theirs, for each round. */
  readonly ratios: readonly number[];
  readonly rounds: readonly Omit<Round, "part">[];
}

function summaries(rounds: readonly Round[]): Summary[] {
  return [...new Set(rounds.map(({ part }) => part))].map((part) => {
    const ofPart = rounds.filter((round) => round.part === part);
    const ratios = ofPart.flatMap(({ ours, theirs }) => (theirs ? [ours.seconds / theirs.seconds] : []));
    const peers = ofPart.flatMap(({ theirs }) => theirs ?? []);
    return {
      part,
      ...middle(ofPart.map(({ ours }) => ours)),
      theirs: peers.length > 0 ? { ...middle(peers), ratio: median(ratios) } : null,
      ratios,
      rounds: ofPart.map(({ ours, theirs }) => ({ ours, theirs })),
    };
  });
}

const middle = (all: readonly Measured[]) => ({
  seconds: median(all.map(({ seconds }) => seconds)),
  peakMiB: median(all.map(({ peakMiB }) => peakMiB)),
});

export const roundsJson = (rounds: readonly Round[]): string => JSON.stringify(summaries(rounds));

export function roundsTable(rounds: readonly Round[], options: BenchOptions): string {
  const rows = summaries(rounds);
  const compared = rows.some(({ theirs }) => theirs);
  const head = ["", "sparsecell", "peak", ...(compared ? ["torchvision", "peak", "ratio"] : [])];
  const lines = rows.map(({ part, seconds, peakMiB, theirs, ratios }) => [
    parts[part].label(options),
    inSeconds(seconds),
    `${peakMiB} MiB`,
    ...(theirs
      ? [
          inSeconds(theirs.seconds),
          `${theirs.peakMiB} MiB`,
          theirs.ratio.toFixed(3) + (ratios.length > 1 ? ` (${ratios.map((r) => r.toFixed(3)).join(", ")})` : ""),
        ]
      : []),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...lines].map((line) => line[i]?.length ?? 0)));
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** "4.31 s", "120 ms", "95 µs" */
export function inSeconds(seconds: number): string {
  const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  if (seconds >= 0.9995) return `${digits(seconds)} s`;
  return seconds >= 0.0009995 ? `${digits(1000 * seconds)} ms` : `${digits(1e6 * seconds)} µs`;
}
