// Parquet with the columns of the table, in row groups of at most 100,000 cells; slide, microns per pixel and bad tiles are in the
// file's key-value metadata.

import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Cells } from "../detect-slide.ts";
import { columnsOf } from "./columns.ts";
import type { CellOutput, SearchedSlide } from "./output.ts";

const GROUP = 100_000;

export const parquet: CellOutput = {
  extension: ".parquet",
  what: "the same table for pandas, R arrow, DuckDB",
  *write(slide, parts) {
    const bytes = new ByteWriter();
    /** What is written so far, once. */
    const taken = (): Uint8Array => {
      const part = bytes.getBytes().slice();
      bytes.index = 0;
      return part;
    };
    const writer = new ParquetWriter({
      writer: bytes,
      schema: schemaOf(slide),
      kvMetadata: Object.entries(metadataOf(slide)).map(([key, value]) => ({ key, value: JSON.stringify(value) })),
      createdBy: "sparsecell",
    });
    for (const group of grouped(parts)) {
      const columns = columnsOf(slide, group);
      const columnData = Object.entries(columns).flatMap(([name, data]) => (data === null ? [] : [{ name, data }]));
      writer.write({ columnData, rowGroupSize: GROUP });
      yield taken();
    }
    writer.finish();
    yield taken();
  },
};

const metadataOf = ({ name, width, height, mpp, badTiles }: SearchedSlide) => ({ slide: name, width, height, mpp, badTiles });

type Schema = ConstructorParameters<typeof ParquetWriter>[0]["schema"];

function schemaOf({ mpp }: SearchedSlide): Schema {
  const sides = ["x", "y", "width", "height"];
  const numbers = [...sides.map((side) => `${side}_px`), ...(mpp ? sides.map((side) => `${side}_um`) : [])];
  const double = (name: string) => ({ name, type: "DOUBLE", repetition_type: "REQUIRED" }) as const;
  return [
    { name: "root", num_children: numbers.length + 2 },
    ...numbers.map(double),
    { name: "class", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
    double("score"),
  ];
}

/** The same cells in parts of GROUP, the last one smaller. */
function* grouped(parts: Iterable<Cells>): Generator<Cells> {
  const empty = () => ({ boxes: new Float64Array(4 * GROUP), scores: new Float32Array(GROUP), labels: new Int32Array(GROUP) });
  let [group, size] = [empty(), 0];
  for (const { boxes, scores, labels } of parts)
    for (let from = 0; from < scores.length; ) {
      const to = Math.min(scores.length, from + GROUP - size);
      group.boxes.set(boxes.subarray(4 * from, 4 * to), 4 * size);
      group.scores.set(scores.subarray(from, to), size);
      group.labels.set(labels.subarray(from, to), size);
      size += to - from;
      from = to;
      if (size < GROUP) continue;
      yield group;
      [group, size] = [empty(), 0];
    }
  if (size > 0)
    yield {
      boxes: group.boxes.subarray(0, 4 * size),
      scores: group.scores.subarray(0, size),
      labels: group.labels.subarray(0, size),
    };
}
