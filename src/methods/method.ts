// A method makes a calibration from options: `bde()`, `bde({ rpn: true })`, or the text "bde:rpn=true", which `--method` takes and
// runs record.

import { UserError } from "../errors.ts";
import type { Setting } from "../settings/setting.ts";
import type { Calibration } from "./calibration.ts";

type Options = { readonly [name: string]: Setting<unknown> };
type Values<O extends Options> = { readonly [name in keyof O]: O[name]["default"] };

interface Description<O extends Options> {
  readonly name: string;
  readonly label: string;
  readonly meaning: string;
  readonly options: O;
  calibration(values: Values<O>): Omit<Calibration, "name" | "label">;
}

/** A method as tables and the command line know it. */
export interface NamedMethod {
  /** What `--method` takes: "bde". */
  readonly id: string;
  /** What reports call it: "FPN + BDE". */
  readonly label: string;
  /** What it does to the loss, in half a line. */
  readonly meaning: string;
  readonly options: Options;
  /** The calibration with options as text, "boxes=all,rpn=true". Throws a UserError. */
  read(text: string): Calibration;
}

/** A method as code uses it: a function from options to a calibration. */
export interface Method<O extends Options> extends NamedMethod {
  (values?: Partial<Values<O>>): Calibration;
  readonly options: O;
}

/** Makes a method from its description. */
export function method<const O extends Options>({ name, label, meaning, options, calibration }: Description<O>): Method<O> {
  const defaults = Object.fromEntries(Object.entries(options).map(([key, option]) => [key, option.default]));
  const make = (values: Partial<Values<O>> = {}): Calibration => {
    const all: { readonly [key: string]: unknown } = values;
    const given = Object.keys(options) // in the order of declaration, so that each calibration has one name
      .filter((key) => all[key] !== undefined && all[key] !== defaults[key])
      .map((key) => [key, all[key]] as const);
    const text = given.map(([key, value]) => `${key}=${value}`).join(",");
    return {
      ...calibration({ ...defaults, ...Object.fromEntries(given) } as Values<O>),
      name: text === "" ? name : `${name}:${text}`,
      label: text === "" ? label : `${label} (${text.replaceAll(",", ", ")})`,
    };
  };
  const read = (text: string): Calibration => make(readOptions(name, options, text) as Partial<Values<O>>);
  return Object.assign(make, { id: name, label, meaning, options, read });
}

/** The calibration for a text: a method's name and, after a colon, options ("bde:boxes=all,rpn=true"). Throws a UserError. */
export function parseMethod(text: string, methods: readonly NamedMethod[]): Calibration {
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
