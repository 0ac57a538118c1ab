// Markdown of the generated pages.

/** The first lines of a generated page. */
export const heading = (title, source) =>
  `# ${title}\n\n<!-- Generated from ${source} by \`npm run docs\`: edit that, not this page. -->\n`;

/** A table; cells may hold any text of one line. */
export function table(columns, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(columns), `|${columns.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

export const code = (text) => `\`${text}\``;

export const block = (text, language = "") => `\`\`\`${language}\n${text}\n\`\`\``;

/** A number as people write it: 1/3 is 0.333. */
export const shownValue = (value) => (typeof value === "number" ? String(Number(value.toPrecision(3))) : String(value));

/** The anchor that GitHub gives a heading. */
export const anchorOf = (title) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
