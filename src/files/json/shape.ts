// The shape of JSON that this project wrote itself: a model's settings, the record of a run, the result of a grid. Such files
// are edited by hand, truncated and passed on like any others, so each is checked once, where it is read.

import type { JsonFile } from "./file.ts";
import type { JsonPath } from "./scanner.ts";
import { isObject, shown } from "./value.ts";

export interface ShapeFault {
  /** From the checked value down to the one that is wrong. */
  readonly path: JsonPath;
  /** "expected a whole number of at least 1, got "a"". */
  readonly message: string;
}

/** Null when the value has the shape; otherwise the first thing that is wrong with it. */
export type Shape = (value: unknown) => ShapeFault | null;

interface Range {
  readonly least?: number;
  readonly most?: number;
  /** No fractions. */
  readonly whole?: boolean;
}

/** A finite number; the range includes both ends. */
export function numberIn({ least = -Infinity, most = Infinity, whole = false }: Range = {}): Shape {
  const above = least === -Infinity ? "" : ` of at least ${least}`;
  const name = `a ${whole ? "whole" : "finite"} number${most === Infinity ? above : ` from ${least} to ${most}`}`;
  const fits = whole ? Number.isSafeInteger : Number.isFinite;
  return (value) => (fits(value) && (value as number) >= least && (value as number) <= most ? null : unlike(name, value));
}

export const anyText: Shape = (value) => (typeof value === "string" ? null : unlike("text", value));
export const anyFlag: Shape = (value) => (typeof value === "boolean" ? null : unlike("true or false", value));

export function oneOf(...values: readonly (string | number | boolean | null)[]): Shape {
  const names = values.map((value) => JSON.stringify(value)).join(" or ");
  return (value) => (values.some((known) => known === value) ? null : unlike(names, value));
}

export function listOf(item: Shape, { least = 0, most = Infinity } = {}): Shape {
  return (value) => {
    if (!Array.isArray(value)) return unlike("a list", value);
    if (value.length < least || value.length > most)
      return { path: [], message: `has ${value.length} items; expected ${least === most ? least : `${least} to ${most}`}` };
    return firstFault(value.map((part, i) => [i, part, item]));
  };
}

/** An object with at least these keys. */
export function objectOf(shapes: { readonly [key: string]: Shape }): Shape {
  const entries = Object.entries(shapes);
  return (value) => {
    if (!isObject(value)) return unlike("an object", value);
    return firstFault(entries.map(([key, shape]) => [key, Object.hasOwn(value, key) ? value[key] : undefined, shape]));
  };
}

/** An object all of whose values have the shape. */
export const valuesOf =
  (shape: Shape): Shape =>
  (value) =>
    isObject(value) ? firstFault(Object.entries(value).map(([key, part]) => [key, part, shape])) : unlike("an object", value);

/** All shapes at once; the fault is the first one's. */
export const allOf =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    shapes.reduce<ShapeFault | null>((fault, shape) => fault ?? shape(value), null);

export const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined ? null : shape(value);

export const orNull =
  (shape: Shape): Shape =>
  (value) =>
    value === null ? null : shape(value);

/** Any one of the shapes; the fault is that of the last. */
export const either =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    shapes.reduce<ShapeFault | null>((fault, shape, i) => (i > 0 && fault === null ? null : shape(value)), null);

/** The file's value. Throws a UserError with file, line and path where it does not have the shape; `hint` says what to do. */
export function requireShape<T>(json: JsonFile, shape: Shape, hint: string): T {
  const fault = shape(json.value);
  if (fault !== null) throw json.fault(fault.path, `${fault.message}; ${hint}`);
  return json.value as T;
}

function unlike(expected: string, value: unknown): ShapeFault {
  return {
    path: [],
    message: value === undefined ? `is missing; expected ${expected}` : `expected ${expected}, got ${shown(value)}`,
  };
}

function firstFault(parts: readonly (readonly [key: string | number, value: unknown, shape: Shape])[]): ShapeFault | null {
  for (const [key, value, shape] of parts) {
    const fault = shape(value);
    if (fault !== null) return { path: [key, ...fault.path], message: fault.message };
  }
  return null;
}
