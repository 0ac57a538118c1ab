// One image of several entries: two files, readers or tasks that describe it.

import type { SourceImage } from "./source.ts";

/** The marks of all; of what an image has once, what the first entry says that has it. It is unlabelled when all are. */
export function mergedImage(entries: readonly SourceImage[]): SourceImage {
  const [first] = entries;
  if (entries.length === 1) return first;
  const unread = entries.flatMap(({ unread = [] }) => unread);
  const once = (["fullName", "id", "size", "group", "mpp", "split"] as const).flatMap((key) => {
    const value = entries.find((entry) => entry[key] !== undefined)?.[key];
    return value === undefined ? [] : [[key, value]];
  });
  return {
    name: first.name,
    ...Object.fromEntries(once),
    marks: entries.flatMap(({ marks }) => marks),
    ...(unread.length === 0 ? {} : { unread }),
    ...(entries.every(({ unlabelled }) => unlabelled) ? { unlabelled: true } : {}),
    file: first.file,
    get line() {
      return first.line;
    },
  };
}
