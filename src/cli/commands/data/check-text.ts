// The findings of `data check` as text.

import type { Finding } from "../../../data/check/index.ts";
import type { Oddity } from "../../../data/check/subject.ts";
import { printable } from "../../../errors.ts";
import { shellWord } from "../../../files/shell-word.ts";

/** Each kind of oddity with its count and its first `most` places. */
export function findingsText(findings: readonly Finding[], most: number): string {
  const lines = findings.flatMap(({ title, oddities }) => {
    const more = oddities.length - most;
    return [
      "",
      `${title}: ${oddities.length}`,
      ...oddities.slice(0, most).map(line),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ];
  });
  return lines.map((text) => `${printable(text)}\n`).join("");
}

/** The first findings in a line each, for the summary of `data import`. */
export function firstFindings(findings: readonly Finding[], dir: string): string {
  const lines = findings
    .slice(0, 3)
    .map(({ title, oddities }) => `check        ${title}: ${oddities.length}, for instance ${oddities[0].text}`);
  const more = findings.length > 3 ? ` and ${findings.length - 3} more kinds` : "";
  if (lines.length > 0) lines.push(`check        all places${more}: ${command(dir)}`);
  return lines.map((text) => `${printable(text)}\n`).join("");
}

/** In place of the first findings, where a dataset is too large to be checked on the way. */
export const laterCheck = (dir: string): string => `check        for what is odd: ${command(dir)}\n`;

const command = (dir: string): string => `npx sparsecell data check ${shellWord(dir)}`;

const line = ({ file, line: number, text }: Oddity): string => `  ${file}${number === 0 ? "" : `:${number}`}: ${text}`;
