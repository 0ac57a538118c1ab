// One image of several entries: two files, readers or tasks that describe it.

import type { SourceId, SourceIds, SourceImage } from "./source.ts";

/** The one id of all, or all that differ; 7 and "7" are one. */
export function severalIds(ids: readonly SourceId[]): SourceIds {
  const different = [...new Map(ids.map((id) => [String(id), id])).values()];
  return different.length === 1 ? different[0] : different;
}

/** The marks and ids of all; of what an image has once, what the first entry says that has it. It is unlabelled when all are. */
export function mergedImage(entries: readonly SourceImage[]): SourceImage {
  const [first] = entries;
  if (entries.length === 1) return first;
  const unread = entries.flatMap(({ unread = [] }) => unread);
  const once = (["fullName", "size", "group", "mpp", "split"] as const).flatMap((key) => {
    const value = entries.find((entry) => entry[key] !== undefined)?.[key];
    return value === undefined ? [] : [[key, value]];
  });
  const faulty = entries.reduce((sum, entry) => sum + (entry.faulty ?? 0), 0);
  const ids = entries.flatMap(({ id = [] }) => id);
  return {
    name: first.name,
    ...Object.fromEntries(once),
    ...(ids.length === 0 ? {} : { id: severalIds(ids) }),
    marks: entries.flatMap(({ marks }) => marks),
    ...(unread.length === 0 ? {} : { unread }),
    ...(faulty === 0 ? {} : { faulty }),
    ...(entries.every(({ unlabelled }) => unlabelled) ? { unlabelled: true } : {}),
    file: first.file,
    get line() {
      return first.line;
    },
  };
}
