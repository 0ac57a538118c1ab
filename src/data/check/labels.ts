// Labels that people write in two ways: "Mitosis", "mitosis " and "mito-sis" become three classes.

import { marksOf } from "./measures.ts";
import { at, type Check, type SubjectMark } from "./subject.ts";

export const labels: Check = {
  title: "labels that differ only in case, spaces, hyphens or plural",
  find: (subject) => {
    const marks = new Map<string, { first: SubjectMark; count: number }>();
    for (const { mark } of marksOf(subject)) {
      const known = marks.get(mark.label);
      if (known) known.count++;
      else marks.set(mark.label, { first: mark, count: 1 });
    }
    const alike = new Map<string, string[]>();
    for (const label of marks.keys()) alike.set(plain(label), [...(alike.get(plain(label)) ?? []), label]);
    return [...alike.values()].flatMap((group) => {
      if (group.length < 2) return [];
      const [most, ...others] = group
        .map((label) => ({ label, ...(marks.get(label) as { first: SubjectMark; count: number }) }))
        .sort((a, b) => b.count - a.count);
      return others.map(({ label, count, first }) =>
        at(first, `"${label}" (${count}) is much like "${most.label}" (${most.count}); ${count} marks have it`),
      );
    });
  },
};

const plain = (label: string): string =>
  label
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_-]+/g, "")
    .replace(/s$/, "");
