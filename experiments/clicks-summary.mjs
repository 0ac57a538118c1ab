// What experiments/clicks.mjs found, in numbers and as a figure.

import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";
import { figureSvg } from "../dist/report/document/svg.js";
import { methodLook } from "../dist/report/figures/looks.js";

/** Of the F1 of everything marked. */
const WANTED = 0.95;

/** Means over seeds by arm and clicks, and the clicks at which an arm reaches 95 % of the F1 of everything marked. */
export function summaryOf(results, settings) {
  const points = results.map(({ seed, arm, round, clicks, f1, bestF1, ap, after }) => ({
    seed,
    arm,
    round,
    clicks,
    f1,
    bestF1,
    ap,
    ...(after && { estimate: after.estimate, truth: after.truth }),
  }));
  const seeds = [...new Set(points.map(({ seed }) => seed))];
  const arms = [...new Set(points.map(({ arm }) => arm))].map((arm) => {
    const perSeed = seeds.map((seed) => points.filter((point) => point.arm === arm && point.seed === seed));
    const clicksTo = perSeed.map((curve, i) => {
      const all = points.find((point) => point.arm === "all" && point.seed === seeds[i]);
      return all ? reached(curve, WANTED * all.f1) : null;
    });
    const rounds = [...new Set(perSeed.flat().map(({ round }) => round))].map((round) => {
      const here = perSeed.flat().filter((point) => point.round === round);
      return { round, clicks: mean(here, "clicks"), f1: mean(here, "f1"), bestF1: mean(here, "bestF1"), ap: mean(here, "ap") };
    });
    return { arm, rounds, clicksTo95: clicksTo };
  });
  const inside = (name) => {
    const known = points.filter(({ estimate, truth }) => estimate?.[name] && truth[name] !== null);
    const held = known.filter(({ estimate, truth }) => {
      const { low, high } = estimate[name];
      return truth[name] >= low - 1e-9 && truth[name] <= high + 1e-9;
    });
    return { held: held.length, of: known.length };
  };
  const estimates = { precision: inside("precision"), completeness: inside("completeness") };
  const percent = (value) => (100 * value).toFixed(1);
  const lines = [
    ...arms.map(({ arm, rounds, clicksTo95 }) => {
      const curve = rounds.map(({ clicks, f1 }) => `${Math.round(clicks)}: ${percent(f1)}`).join(", ");
      const to = clicksTo95.map((clicks) => (clicks === null ? "not reached" : Math.round(clicks))).join(", ");
      return `${arm}: F1 by clicks ${curve}${arm === "all" ? "" : `; clicks to 95 % of everything, by seed: ${to}`}`;
    }),
    ...goals(arms, points),
    ...Object.entries(estimates).map(
      ([name, { held, of }]) => `estimate of ${name}: the truth lies in ${held} of ${of} intervals`,
    ),
  ];
  return { ...settings, arms, estimates, lines, points };
}

/** What is to be reached, for each queue: its clicks beside those of everything marked, and of as many marks at random. */
function goals(arms, points) {
  const clicksOf = (arm) => arms.find((each) => each.arm === arm)?.clicksTo95;
  const all = points.filter(({ arm }) => arm === "all").map(({ clicks }) => clicks);
  const [queues, marks] = [arms.filter(({ arm }) => /^(queue|sheet)/.test(arm)), clicksOf("marks")];
  const parts = (clicks, of) =>
    clicks.map((n, i) => (n === null || !of?.[i] ? "?" : `${((100 * n) / of[i]).toFixed(0)} %`)).join(", ");
  return queues.map(
    ({ arm, clicksTo95 }) =>
      `${arm}: clicks to 95 %, of everything: ${parts(clicksTo95, all)}; of marks at random: ${parts(clicksTo95, marks)}`,
  );
}

const mean = (items, key) => items.reduce((sum, item) => sum + item[key], 0) / items.length;

/** The clicks at which a curve first has this F1, on the straight line between its points; null if it never does. */
function reached(curve, wanted) {
  const at = curve.findIndex(({ f1 }) => f1 >= wanted);
  if (at === -1) return null;
  if (at === 0) return curve[0].clicks;
  const [a, b] = [curve[at - 1], curve[at]];
  return a.clicks + ((wanted - a.f1) / (b.f1 - a.f1)) * (b.clicks - a.clicks);
}

const titles = {
  marks: "as many cells marked at random",
  fpn: "the queue's marks, plain FPN",
  all: "everything marked",
};
function titleOf(arm) {
  if (titles[arm]) return titles[arm];
  if (arm.startsWith("sheet")) return `sheets (${arm.split(":").slice(1).join(", ")})`;
  const [, order, counted] = arm.split(":");
  return `${order === "random" ? "a queue in random order" : `the queue (${order})`}${counted ? ", completeness counted" : ""}`;
}

export async function clicksFigure({ arms, data, answers, start, points }) {
  const { document } = new JSDOM("").window;
  const curves = arms.filter(({ arm }) => arm !== "all");
  const all = arms.find(({ arm }) => arm === "all");
  const most = Math.max(...curves.flatMap(({ rounds }) => rounds.map(({ clicks }) => clicks)));
  const [width, height] = [640, 340];
  const seeds = new Set(points.map(({ seed }) => seed)).size;
  const rule = all ? [all.rounds[0].f1, WANTED * all.rounds[0].f1] : [];
  const svg = Plot.plot({
    document,
    width,
    height,
    marginLeft: 44,
    marginBottom: 36,
    x: { label: "clicks", domain: [0, most], labelAnchor: "center", labelArrow: "none" },
    y: { label: null, grid: true, tickFormat: (f1) => String(Math.round(100 * f1)) },
    marks: [
      rule.map((f1, i) =>
        Plot.ruleY([f1], { stroke: methodLook(arms.indexOf(all)).color, strokeDasharray: i === 0 ? "none" : "2 3" }),
      ),
      curves.map(({ arm, rounds }) => {
        const { color, dash, symbol } = methodLook(arms.findIndex((each) => each.arm === arm));
        return [
          Plot.line(rounds, { x: "clicks", y: "f1", stroke: color, strokeWidth: 2, strokeDasharray: dash }),
          Plot.dot(rounds, { x: "clicks", y: "f1", fill: color, symbol, r: 3.5 }),
        ];
      }),
    ],
  });
  return figureSvg({
    title: `F1 on test images by clicks: ${data}`,
    panels: [{ title: "F1, %", svg: svg.outerHTML, width, height }],
    columns: 1,
    key: arms.map(({ arm }, i) => ({ label: titleOf(arm), look: methodLook(i) })),
    caption: `${start} marks, then ${answers} answers a round; means of ${seeds} seeds, detections of a score of 0.5 or more. Horizontal lines: everything marked, and 95 % of that.`,
  });
}
