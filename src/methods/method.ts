// A method makes a calibration from options: `bde()`, `bde({ rpn: true })`, or the text "bde:rpn=true", which `--method` takes and
// runs record. Methods that are more than a calibration (src/procedures/) are made alike.

import { UserError } from "../errors.ts";
import type { Setting } from "../settings/setting.ts";
import type { Calibration } from "./calibration.ts";

type Options = { readonly [name: string]: Setting<unknown> };
export type Values<O extends Options> = { readonly [name in keyof O]: O[name]["default"] };

/** As tables and the command line know a method. */
interface Described<O extends Options> {
  readonly name: string;
  readonly label: string;
  readonly meaning: string;
  readonly options: O;
}

/** What each method has, whatever it makes: its name with the options that are not the default, and its label. */
interface Named {
  readonly name: string;
  readonly label: string;
}

/** A method as tables and the command line know it. `T`: what it makes. */
export interface NamedMethod<T extends Named = Calibration> {
  /** What `--method` takes: "bde". */
  readonly id: string;
  /** What reports call it: "FPN + BDE". */
  readonly label: string;
  /** What it does to the loss, in half a line. */
  readonly meaning: string;
  readonly options: Options;
  /** What it makes of options as text, "boxes=all,rpn=true". Throws a UserError. */
  read(text: string): T;
}

/** A method as code uses it: a function from options to what it makes. */
export interface Method<O extends Options, T extends Named = Calibration> extends NamedMethod<T> {
  (values?: Partial<Values<O>>): T;
  readonly options: O;
}

/** A method that makes calibrations, from its description. */
export const method = <const O extends Options>({
  calibration,
  ...described
}: Described<O> & { calibration(values: Values<O>): Omit<Calibration, keyof Named> }): Method<O> =>
  methodOf<O, Calibration>(described, calibration);

/** A method from its description and what it makes of its options. */
export function methodOf<const O extends Options, T extends Named>(
  { name, label, meaning, options }: Described<O>,
  made: (values: Values<O>) => Omit<T, keyof Named>,
): Method<O, T> {
  const defaults = Object.fromEntries(Object.entries(options).map(([key, option]) => [key, option.default]));
  const make = (values: Partial<Values<O>> = {}): T => {
    const all: { readonly [key: string]: unknown } = values;
    const given = Object.keys(options) // in the order of declaration, so that each method has one name
      .filter((key) => all[key] !== undefined && all[key] !== defaults[key])
      .map((key) => [key, all[key]] as const);
    const text = given.map(([key, value]) => `${key}=${value}`).join(",");
    return {
      ...made({ ...defaults, ...Object.fromEntries(given) } as Values<O>),
      name: text === "" ? name : `${name}:${text}`,
      label: text === "" ? label : `${label} (${text.replaceAll(",", ", ")})`,
    } as T;
  };
  const read = (text: string): T => make(readOptions(name, options, text) as Partial<Values<O>>);
  return Object.assign(make, { id: name, label, meaning, options, read });
}

/** What a text stands for: a method's name and, after a colon, options ("bde:boxes=all,rpn=true"). Throws a UserError. */
export function parseMethod<T extends Named>(text: string, methods: readonly NamedMethod<T>[]): T {
  const [name, options] = splitOnce(text, ":");
  const method = methods.find(({ id }) => id === name);
  if (!method) throw new UserError(`unknown method "${name}"; expected one of ${methods.map(({ id }) => id).join(", ")}`);
  return method.read(options);
}

function readOptions(name: string, options: Options, text: string): { readonly [key: string]: unknown } {
  const parts = text === "" ? [] : text.split(",");
  return Object.fromEntries(
    parts.map((part) => {
      const [key, value] = splitOnce(part, "=");
      const known = Object.keys(options).join(", ") || "none";
      if (!Object.hasOwn(options, key)) throw new UserError(`${name}: unknown option "${key}"; its options: ${known}`);
      const read = options[key].read(value);
      if (read === undefined) throw new UserError(`${name}: invalid value "${value}" of ${key} (${options[key].help})`);
      return [key, read];
    }),
  );
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
