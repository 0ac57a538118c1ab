// A report before it becomes a page or Markdown: sections of text, tables and figures. Texts are plain; both writers escape them.

import type { ComparedPatch } from "../../runs/comparison.ts";
import type { LineLook } from "../figures/looks.ts";

/** A line of a list of settings or numbers. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface Document {
  readonly title: string;
  readonly subtitle: string;
  /** The result, in short paragraphs. */
  readonly answer: readonly string[];
  /** What is missing or failed; empty for a whole grid. */
  readonly warnings: readonly string[];
  readonly sections: readonly Section[];
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "figure"; readonly figure: Figure }
  | { readonly kind: "patches"; readonly patches: Patches }
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  | { readonly kind: "code"; readonly text: string }
  /** Shown on demand: for looking up, not for reading. */
  | { readonly kind: "fold"; readonly label: string; readonly open: boolean; readonly blocks: readonly Block[] };

export interface Table {
  readonly title: string;
  /** What the first column holds. */
  readonly rowHead: string;
  /** Neighbours of one group share a head above theirs. */
  readonly columns: readonly { readonly group?: string; readonly label: string }[];
  readonly rows: readonly TableRow[];
  readonly notes: readonly string[];
}

export interface TableRow {
  /** Neighbours of one group share a head above them. */
  readonly group?: string;
  readonly label: string;
  /** The method's place, for its line in figures. */
  readonly method?: number;
  readonly cells: readonly TableCell[];
}

export interface TableCell {
  readonly text: string;
  readonly mark?: "best" | "tied" | null;
  /** A second, quiet line: the paper's value, or fewer runs than elsewhere. */
  readonly below?: string;
}

export interface Figure {
  /** The name of its SVG file, without the extension. */
  readonly file: string;
  readonly title: string;
  readonly panels: readonly FigurePanel[];
  /** Panels per row of the SVG file. */
  readonly columns: number;
  readonly key: readonly { readonly label: string; readonly look: LineLook }[];
  /** What is drawn, over how many runs. */
  readonly caption: string;
}

export interface FigurePanel {
  readonly title: string;
  /** An <svg> without namespaces, its colours CSS variables of the page. */
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

export interface Patches {
  readonly file: string;
  readonly title: string;
  readonly caption: string;
  /** `PatchResult.method` of a patch is one of these names. */
  readonly methods: readonly { readonly name: string; readonly label: string }[];
  /** Pictures in a row; a rate starts a new row. */
  readonly columns: number;
  readonly patches: readonly ComparedPatch[];
}

export const tableBlock = (table: Table): Block => ({ kind: "table", table });
export const figureBlock = (figure: Figure): Block => ({ kind: "figure", figure });
export const textBlock = (line: string): Block => ({ kind: "text", text: line });
