// Settings by their names, in groups as records have them: the type of their values, the defaults, the check of a record, the
// lines of a report. What is true of one row is true of every new one.

import { objectOf, optional, type Shape } from "../files/json/shape.ts";
import { isObject, type JsonObject } from "../files/json/value.ts";
import type { Setting } from "./setting.ts";

// biome-ignore lint/suspicious/noExplicitAny: a row of any type
type Row = Setting<any>;
type Declaration = Row | Either | Declarations;

/** Rows by name; groups may be nested. */
export interface Declarations {
  readonly [name: string]: Declaration;
}

/** What has one of several forms: an image's input is a square, or has a shortest edge. Defaults and options are the first's. */
export interface Either<Forms extends readonly unknown[] = readonly unknown[]> {
  readonly either: Forms;
}

export const either = <const Forms extends readonly unknown[]>(...forms: Forms): Either<Forms> => ({ either: forms });

/** The values that declarations are of. */
export type ValuesOf<D> =
  D extends Setting<unknown>
    ? D["default"]
    : D extends Either<infer Forms>
      ? ValuesOf<Forms[number]>
      : { readonly [name in keyof D]: ValuesOf<D[name]> };

/** Some of the values, in groups of any depth. */
export type SomeOf<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [name in keyof T]?: SomeOf<T[name]> }
    : T;

/** The values that are given and the defaults of all others, in the order of the declarations. */
export function valuesWith<D extends Declarations>(declarations: D, given: SomeOf<ValuesOf<D>>): ValuesOf<D> {
  return valueWith(declarations, given) as ValuesOf<D>;
}

export const defaultsOf = <D extends Declarations>(declarations: D): ValuesOf<D> =>
  valueWith(declarations, undefined) as ValuesOf<D>;

function valueWith(declaration: Declaration, given: unknown): unknown {
  if (isSetting(declaration)) return given === undefined ? declaration.default : given;
  if (isEither(declaration)) {
    const [first, ...others] = alternatives(declaration);
    const value = valueWith(first, given);
    if (given === undefined || shapeOf(first)(value) === null) return value;
    const fitting = others.map((form) => [form, valueWith(form, given)] as const);
    return (fitting.find(([form, value]) => shapeOf(form)(value) === null) ?? (fitting.at(-1) as (typeof fitting)[number]))[1];
  }
  if (given !== undefined && !isObject(given)) return given; // another form than this group
  const values: JsonObject = given ?? {};
  return mapped(declaration, (part, name) => valueWith(part, values[name]));
}

/** What a record of them must be. A value may be missing where earlier versions did not have it. */
export function shapeOf(declaration: Declaration): Shape {
  if (isSetting(declaration)) return declaration.since ? optional(declaration.shape) : declaration.shape;
  if (isEither(declaration)) return eitherShape(alternatives(declaration));
  return objectOf(mapped(declaration, shapeOf));
}

/** The fault is that of the form which the value follows for longer: an input's kind, its first field, tells which one is meant. */
function eitherShape(forms: readonly Declaration[]): Shape {
  const shapes = forms.map(shapeOf);
  return (value) => {
    const faults = shapes.flatMap((shape) => shape(value) ?? []);
    if (faults.length < forms.length) return null;
    const reached = faults.map(({ path }, i) => Object.keys(forms[i]).indexOf(String(path[0])));
    return faults[reached.indexOf(Math.max(...reached))];
  };
}

/** A record that has their shape, with what earlier versions did in place of what their records lack. */
export const completed = <D extends Declarations>(declarations: D, record: unknown): ValuesOf<D> =>
  complete(declarations, record) as ValuesOf<D>;

function complete(declaration: Declaration, value: unknown): unknown {
  if (isSetting(declaration)) return value === undefined ? declaration.since?.before : value;
  if (isEither(declaration)) {
    const fitting = alternatives(declaration).find((each) => shapeOf(each)(value) === null);
    return fitting ? complete(fitting, value) : value;
  }
  const values = value as JsonObject;
  return { ...values, ...mapped(declaration, (part, name) => complete(part, values[name])) }; // what is there keeps its place
}

export interface Line {
  readonly label: string;
  readonly value: string;
}

/** Every setting as a line of a report. */
export function linesOf<D extends Declarations>(declarations: D, values: ValuesOf<D>): Line[] {
  return lines(declarations, values, "");
}

function lines(declaration: Declaration, value: unknown, name: string): Line[] {
  if (isSetting(declaration)) return [{ label: declaration.label ?? inWords(name), value: declaration.show(value) }];
  if (isEither(declaration)) {
    const fitting = alternatives(declaration).find((each) => shapeOf(each)(value) === null);
    return fitting ? lines(fitting, value, name) : [];
  }
  return Object.entries(declaration).flatMap(([key, part]) => lines(part, (value as JsonObject)[key], key));
}

export interface NamedSetting {
  /** From the outermost group to the setting's own name. */
  readonly path: readonly string[];
  readonly setting: Row;
}

/** All rows, each with its place. */
export function settingsIn(declaration: Declaration, path: readonly string[] = []): NamedSetting[] {
  if (isSetting(declaration)) return [{ path, setting: declaration }];
  if (isEither(declaration)) return settingsIn(alternatives(declaration)[0], path);
  return Object.entries(declaration).flatMap(([name, part]) => settingsIn(part, [...path, name]));
}

const isSetting = (declaration: Declaration): declaration is Row =>
  "read" in declaration && typeof declaration.read === "function";
const isEither = (declaration: Exclude<Declaration, Row>): declaration is Either => Array.isArray(declaration.either);
const alternatives = ({ either }: Either) => either as readonly [Declaration, ...Declaration[]];

const mapped = <T>(declarations: Declarations, value: (part: Declaration, name: string) => T): { [name: string]: T } =>
  Object.fromEntries(Object.entries(declarations).map(([name, part]) => [name, value(part, name)]));

/** "weightDecay" → "weight decay". */
const inWords = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
