// The numbers of a grid's report as compact JSON, for other tools and for documents that quote them: every run's main measures,
// every mean, every test. Fractions, not per cent.

import { mainMetrics, sideBySide } from "./metrics.ts";
import type { GridSummary } from "./summary.ts";

export function renderGridResults(summary: GridSummary): string {
  const { grid, failed, runs, total, methods } = summary;
  const columns = summary.keeps.flatMap((keep) =>
    summary.metrics.map((metric) => ({ keep, metric: metric.key, ...summary.column(metric, keep) })),
  );
  const tested = new Set<string>([...mainMetrics, ...sideBySide].map(({ key }) => key));
  const {
    name,
    title,
    paper,
    preset,
    command,
    folds,
    wantedFolds,
    splitSeed,
    keeps,
    bias,
    seeds,
    settings,
    versions,
    paperDataset,
  } = grid;
  return jsonByLine({
    grid: { name, title, paper, preset, command, folds, wantedFolds, splitSeed, keeps, bias, seeds, versions, paperDataset },
    settings,
    finished: runs.length,
    total,
    failed,
    methods: methods.map(({ name, label }) => ({ name, label })),
    means: columns.flatMap(({ keep, metric, cells }) =>
      cells
        .filter(({ n }) => n > 0)
        .map(({ method, n, mean, sd, mark }) => ({ keep, method, metric, n, mean, sd, ...(tested.has(metric) && { mark }) })),
    ),
    tests: columns
      .filter(({ metric }) => tested.has(metric))
      .flatMap(({ keep, metric, tests }) => tests.map((test) => ({ keep, metric, ...test }))),
    differences: summary.differences.filter(({ n }) => n > 0),
    drops: summary.drops.filter(({ n }) => n > 0),
    density: summary.density,
    runs: runs.map((run) => ({
      ...run.unit,
      ...Object.fromEntries(mainMetrics.map((metric) => [metric.key, metric.of(run)])),
      threshold: run.chosen?.threshold ?? null,
      limitedImages: run.limitedImages,
      ...(run.completeness && { completeness: run.completeness }),
      trainSeconds: run.trainSeconds,
    })),
  });
}

/** An object whose lists have one line per item. Numbers are rounded to 6 digits. */
function jsonByLine(object: { readonly [key: string]: unknown }): string {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, inner) => (typeof inner === "number" && !Number.isInteger(inner) ? rounded(inner) : inner));
  const entries = Object.entries(object).map(([key, value]) => {
    const list = Array.isArray(value) && value.length > 0 ? `[\n  ${value.map(text).join(",\n  ")}\n ]` : text(value);
    return ` ${JSON.stringify(key)}: ${list}`;
  });
  return `{\n${entries.join(",\n")}\n}\n`;
}

const rounded = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null);
