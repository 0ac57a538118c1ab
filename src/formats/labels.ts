// Class names as people type them: a space too many, an invisible character, or an accent stored in two ways, makes no other class.

const INVISIBLE = /[\u200b\u200e\u200f\u2060\ufeff\u00ad]/g;

/** The name in one form; null for none and for one of spaces alone. */
export function plainLabel(label: string | null): string | null {
  return label === null ? null : label.normalize("NFC").replace(INVISIBLE, "").trim().replace(/\s+/g, " ") || null;
}

/** A line for each group of names that differ by nothing but case. */
export function caseNotes(names: readonly string[]): string[] {
  const alike = new Map<string, string[]>();
  for (const name of names) {
    const key = name.toLowerCase();
    alike.set(key, [...(alike.get(key) ?? []), name]);
  }
  const quoted = (group: readonly string[]) => group.map((name) => `"${name}"`).join(" and ");
  return [...alike.values()]
    .filter((group) => group.length > 1)
    .map((group) => `the classes ${quoted(group)} differ only by case and stay apart; rename one if they are the same`);
}
