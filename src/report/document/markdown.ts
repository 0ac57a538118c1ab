// A document as Markdown (GitHub's, for its tables): its texts and tables, and its figures as links to the SVG files beside it.

import type { Block, Document, Table, TableCell } from "./document.ts";

export function renderMarkdown({ title, subtitle, answer, warnings, sections }: Document): string {
  const lines = [
    `# ${plain(title)}`,
    plain(subtitle),
    ...(warnings.length === 0 ? [] : [warnings.map((line) => `- ${plain(line)}`).join("\n")]),
    ...answer.map(plain),
    ...sections.flatMap(({ title, blocks }) => [`## ${plain(title)}`, ...blocks.flatMap(blockLines)]),
  ];
  return `${lines.join("\n\n")}\n`;
}

/** Some blocks of a document, without a final line break. */
export const markdownOf = (blocks: readonly Block[]): string => blocks.flatMap(blockLines).join("\n\n");

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case "text":
      return [plain(block.text)];
    case "table":
      return tableLines(block.table);
    case "figure":
      return [`![${plain(block.figure.title)}](${block.figure.file}.svg)`, plain(block.figure.caption)];
    case "patches":
      return [`![${plain(block.patches.title)}](${block.patches.file}.svg)`, plain(block.patches.caption)];
    case "facts":
      return [block.facts.map(({ label, value }) => `- ${plain(label)}: ${plain(value)}`).join("\n")];
    case "code":
      return [indented(block.text)];
    case "fold":
      return [`### ${plain(block.label)}`, ...block.blocks.flatMap(blockLines)];
  }
}

function tableLines({ title, rowHead, columns, rows, notes }: Table): string[] {
  const heads = columns.map(({ group, label }) => plain(group ? `${group}: ${label}` : label));
  const table = [
    [plain(rowHead), ...heads],
    ["---", ...heads.map(() => "---:")],
    ...rows.map(({ group, label, cells }) => [plain(group ? `${group}: ${label}` : label), ...cells.map(cellText)]),
  ];
  return [`**${plain(title)}**`, table.map((row) => `| ${row.join(" | ")} |`).join("\n"), ...notes.map(plain)];
}

function cellText({ text, mark, below }: TableCell): string {
  const value = plain(text);
  const marked = mark === "best" ? `**${value}**` : mark === "tied" ? `<u>${value}</u>` : value;
  return below ? `${marked} (${plain(below)})` : marked;
}

/** A text as nothing but text: no markup of Markdown or HTML, one line. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|#&]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A block of code, whatever its content. */
const indented = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => `    ${line}`)
    .join("\n");
