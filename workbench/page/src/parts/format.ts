// Numbers as people read them.

import type { ImageState, Interval, RoundPhase } from "../../../src/api.ts";

export const whole = (value: number): string => Math.round(value).toLocaleString("en-GB");

export const percent = (part: number): string => `${Math.round(part * 100)} %`;

export const decimals = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** "82 % (74 to 89)". */
export const withInterval = ({ value, low, high }: Interval): string =>
  `${percent(value)} (${Math.round(low * 100)} to ${Math.round(high * 100)})`;

export const plural = (count: number, one: string, many = `${one}s`): string => `${whole(count)} ${count === 1 ? one : many}`;

export function duration(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return rounded % 60 && minutes < 10 ? `${minutes} min ${rounded % 60} s` : `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "60s", "15m", "2h" as a request has it. */
export function budgetWords(budget: string): string {
  const [, number, unit] = /^([\d.]+)\s*([smh])$/.exec(budget) ?? [];
  const words = { s: "second", m: "minute", h: "hour" }[unit as "s" | "m" | "h"];
  return words ? plural(Number(number), words) : budget;
}

/** How many seconds a request's budget is; null if it is not one. */
export function budgetSeconds(budget: string): number | null {
  const [, number, unit] = /^([\d.]+)\s*([smh])$/.exec(budget) ?? [];
  const seconds = { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
  return seconds ? Number(number) * seconds : null;
}

/** "90 s", "15 min", "2 h". */
export const shortBudget = (budget: string): string =>
  budget.replace(/\s*([smh])$/, (_, unit: string) => ` ${unit === "m" ? "min" : unit}`);

export const bytes = (count: number): string =>
  count < 1000 ? `${count} B` : count < 1e6 ? `${(count / 1e3).toFixed(0)} kB` : `${(count / 1e6).toFixed(1)} MB`;

/** 2 before 10. What is the same to people keeps its order. */
export const byName = new Intl.Collator("en", { numeric: true }).compare;

/** A name in two: what may be cut off, and its last letters, from the beginning of a word where one lies near. */
export function startAndEnd(name: string): readonly [string, string] {
  const end = /(?<=[\s_./-])(?:\P{M}\p{M}*){8,15}$/u.exec(name) ?? /(?:\P{M}\p{M}*){1,15}$/u.exec(name); // an accent stays with its letter
  return end ? [name.slice(0, end.index), end[0]] : ["", name];
}

export const stateWords: Record<ImageState, string> = {
  untouched: "Untouched",
  marking: "Being marked",
  complete: "Complete",
  test: "Test",
};

export const phaseWords: Record<RoundPhase, string> = {
  preparing: "Preparing",
  training: "Training",
  paused: "Paused",
  searching: "Searching the images",
  done: "Done",
  stopped: "Stopped",
  failed: "Failed",
};
