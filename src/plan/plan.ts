// The plan of a training: a choice for each thing that it needs to be told, with its reason, and how long it takes. What the user
// gives replaces what a rule chose.

import { type SomeOf, settingsIn, shapeOf, valuesWith } from "../settings/declarations.ts";
import { type PlannedSettings, plannedSettings } from "../settings/planned.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { type Choice, type PlanMachine, rules } from "./rules.ts";

export interface Plan {
  readonly fingerprint: Fingerprint;
  readonly choices: readonly Choice[];
  /** What the choices add up to. */
  readonly settings: PlannedSettings;
}

/** Everything but the number of steps, which depends on how long one takes. */
export function planOf(facts: Fingerprint, machine: PlanMachine, given: SomeOf<PlannedSettings> = {}): Plan {
  return withGiven(
    facts,
    rules.map((rule) => rule(facts, machine)),
    given,
  );
}

/** The choices, with what is given in their place. */
export function withGiven(fingerprint: Fingerprint, choices: readonly Choice[], given: SomeOf<PlannedSettings>): Plan {
  const isGiven = (path: readonly string[]): boolean => at(given, path) !== undefined;
  const paths = settingsIn(plannedSettings).map(({ path }) => path);
  const kept = choices.map((choice) => {
    const own = paths.filter((path) => at(choice.settings, path) !== undefined && isGiven(path));
    if (own.length === 0) return choice;
    const names = own.map((path) => {
      const [name = "", group] = [path.at(-1), path.at(-2)];
      return group === "input"
        ? Object.values(at(given, path.slice(0, -1)) as object).join(" ")
        : `${name} ${JSON.stringify(at(given, path))}`;
    });
    return { ...choice, chosen: names.join(", "), reason: "given" };
  });
  const settings = [...choices.map(({ settings }) => settings), given].reduce(merged, {}) as SomeOf<PlannedSettings>;
  return { fingerprint, choices: kept, settings: valuesWith(plannedSettings, settings) };
}

/** The least and the most that a training is given, in steps; and how often it sees each of its windows at most. */
const LEAST_STEPS = 100;
const MOST_EPOCHS = 40;
/** Of the budget: the rest is start, evaluation, the model's file. */
const FOR_STEPS = 0.9;

export interface Pace {
  readonly secondsPerStep: number;
  /** Windows that one epoch sees. */
  readonly windows: number;
}

/** The number of steps that fits, as a choice. `seconds`: the budget. */
export function stepsFor(seconds: number, { secondsPerStep, windows }: Pace, { batch }: { readonly batch: number }): Choice {
  const affordable = Math.floor((FOR_STEPS * seconds) / secondsPerStep);
  const useful = Math.ceil((MOST_EPOCHS * windows) / batch);
  const steps = Math.max(LEAST_STEPS, Math.min(affordable, useful));
  const epochs = Number(((steps * batch) / windows).toPrecision(2));
  const limit =
    steps === affordable
      ? `what ${duration(seconds)} allow`
      : steps === useful
        ? `each window is seen ${MOST_EPOCHS} times, about as often as has been measured`
        : `the least that a detector needs, though it takes longer than ${duration(seconds)}`;
  return {
    what: "steps",
    chosen: `${steps} (${epochs} times each window), about ${duration(steps * secondsPerStep)}`,
    reason: `a step takes ${Number(secondsPerStep.toPrecision(2))} s on this machine; ${limit}`,
    settings: { steps },
  };
}

/** Adds a choice to a plan. */
export const withChoice = ({ fingerprint, choices, settings }: Plan, choice: Choice): Plan => ({
  fingerprint,
  choices: [...choices, choice],
  settings: valuesWith(plannedSettings, merged(settings, choice.settings) as SomeOf<PlannedSettings>),
});

/** Of a file's settings: null when they are those of a training, else what is wrong. */
export const settingsFault = shapeOf(plannedSettings);

/** One line a choice. */
export function planLines(choices: readonly Pick<Choice, "what" | "chosen" | "reason">[]): string[] {
  const widest = Math.max(...choices.map(({ what }) => what.length));
  return choices.map(({ what, chosen, reason }) => `${what.padEnd(widest)}  ${chosen}${reason === "" ? "" : ` (${reason})`}`);
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function at(values: unknown, path: readonly string[]): unknown {
  return path.reduce((value, name) => (value as { [name: string]: unknown } | undefined)?.[name], values);
}

/** `b` over `a`, group by group; an input of another kind replaces the whole. */
function merged(a: unknown, b: unknown): unknown {
  if (!isGroup(a) || !isGroup(b) || (a.kind !== undefined && b.kind !== undefined && a.kind !== b.kind))
    return b === undefined ? a : b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, merged(a[name], b[name])]));
}

const isGroup = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
