// A row for each cell: RFC 4180, in UTF-8, without a byte order mark.

import { columnsOf } from "./columns.ts";
import type { CellOutput } from "./output.ts";

export const csv: CellOutput = {
  extension: ".csv",
  what: "a table: centre, size, class, score; pixels and microns",
  *write(slide, parts) {
    const none = { boxes: new Float64Array(0), scores: new Float32Array(0), labels: new Int32Array(0) };
    yield `${Object.keys(columnsOf(slide, none)).join(",")}\n`;
    for (const part of parts) {
      const columns = Object.entries(columnsOf(slide, part)).map(([name, values]) =>
        name === "class" ? (values as readonly string[]).map(quoted) : values,
      );
      let text = "";
      for (let k = 0; k < part.scores.length; k++) text += `${columns.map((values) => values?.[k] ?? "").join(",")}\n`;
      yield text;
    }
  },
};

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
