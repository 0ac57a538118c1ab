// Finds the file that a name from another tool refers to. Tools write "a", "a.png", "images/a.png" or a whole path for the
// same file; a name matches a file when one path ends with the other, with or without the file's extension.

export class FileNameIndex<T> {
  readonly #byBase = new Map<string, { path: string; item: T }[]>();

  /** `path`: of an item, with / between folders. All paths must differ. */
  constructor(items: Iterable<T>, path: (item: T) => string) {
    for (const item of items) {
      const whole = path(item).normalize("NFC"); // Macs store accents separately from their letters
      for (const variant of new Set([whole, withoutExtension(whole)])) {
        const base = baseName(variant);
        const same = this.#byBase.get(base);
        if (same === undefined) this.#byBase.set(base, [{ path: variant, item }]);
        else same.push({ path: variant, item });
      }
    }
  }

  /** All items that `name` may refer to: none, one, or several when it is ambiguous. */
  find(name: string): T[] {
    const wanted = normalPath(name).normalize("NFC");
    const candidates = this.#byBase.get(baseName(wanted)) ?? [];
    const inside = candidates.filter(({ path }) => endsInPath(wanted, path));
    const longest = Math.max(...inside.map(({ path }) => path.length));
    const matches =
      inside.length > 0
        ? inside.filter(({ path }) => path.length === longest)
        : candidates.filter(({ path }) => endsInPath(path, wanted));
    return matches.map(({ item }) => item);
  }
}

/** "tiles/a.b.png" → "tiles/a.b". */
export function withoutExtension(path: string): string {
  return path.replace(/(?<=[^/])\.[^./]*$/, "");
}

/** With / between folders, without "./" and without double slashes. */
export function normalPath(path: string): string {
  return path
    .replaceAll("\\", "/")
    .replace(/\/{2,}/g, "/")
    .replace(/(^|\/)(?:\.\/)+/g, "$1");
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function endsInPath(path: string, end: string): boolean {
  return path === end || path.endsWith(`/${end}`);
}
