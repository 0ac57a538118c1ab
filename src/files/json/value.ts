// JSON values: what kind one is, and how an error shows it.

/** An object whose keys are not yet known to be of any type. */
export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as an error shows it: one short line, however large the value is. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const parts = Array.isArray(value) ? value : [value];
  if (parts.length > 10 || parts.some((part) => typeof part === "object" && part !== null))
    return Array.isArray(value) ? "a list" : "an object";
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
