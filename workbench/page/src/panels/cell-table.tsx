// The canvas as a table: what is marked and found in view, for those who cannot see it, and for the keyboard.

import { useSignal, useSignalEffect } from "@preact/signals";
import type { Box, Id, ImageFacts } from "../../../src/api.ts";
import { boxAt, visible } from "../canvas/boxes.ts";
import { centre } from "../canvas/shapes.ts";
import { seen } from "../canvas/view.ts";
import { whole } from "../parts/format.ts";
import { Scroll } from "../parts/scroll.tsx";
import { detectionsOf } from "../state/detections.ts";
import { classes, marksOf, version } from "../state/project.ts";
import { glances, imageId, score, selected, show, shownRound } from "../state/view.ts";
import { mainStage } from "../viewer/stage.ts";

interface Row {
  readonly what: string;
  readonly kind: string;
  readonly box: Box;
  readonly score: number | null;
  readonly cell: Id | null;
}

const most = 100;

function rowsIn(open: ImageFacts): { rows: Row[]; total: number } {
  const view = mainStage()?.view();
  const window = view ? seen(view) : ([0, 0, open.width, open.height] as const);
  const nameOf = (id: Id | null) => classes.value.find((kind) => kind.id === id)?.name ?? "not a cell";
  const rows: Row[] = [];
  let total = 0;
  const add = (row: () => Row) => {
    if (++total <= most) rows.push(row());
  };
  for (const { id, box, classId, point } of show.marks.value ? marksOf(open.id).cells : [])
    if (box[2] >= window[0] && box[0] <= window[2] && box[3] >= window[1] && box[1] <= window[3])
      add(() => ({ what: point ? "point" : "box", kind: nameOf(classId), box, score: null, cell: id }));
  const found = show.detections.value ? detectionsOf(shownRound.value?.number, open.id) : null;
  if (found)
    for (const i of visible(found, window, score.value))
      add(() => ({
        what: "detection",
        kind: classes.value[found.classes[i]]?.name ?? "",
        box: boxAt(found, i),
        score: found.scores?.[i] ?? null,
        cell: null,
      }));
  return { rows, total };
}

export function CellTable({ open }: { open: ImageFacts }) {
  const shown = useSignal(false);
  return (
    <details
      class="cells"
      onToggle={(event) => {
        shown.value = event.currentTarget.open;
      }}
    >
      <summary>Cells in view, as a table</summary>
      {shown.value && <Table open={open} />}
    </details>
  );
}

function Table({ open }: { open: ImageFacts }) {
  const { rows, total } = useSettled(open);
  if (total === 0) return <p class="note">Nothing is marked or found in view.</p>;
  return (
    <Scroll label="Cells in view">
      <table>
        <caption>{total > most ? `The first ${most} of ${whole(total)}` : `${whole(total)} in view`}</caption>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">What</th>
            <th scope="col">Place (px)</th>
            <th scope="col">Score</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ what, kind, box, score: value, cell }, i) => {
            const [x, y] = centre(box).map(Math.round);
            return (
              <tr key={i} class={cell && selected.value.has(cell) ? "chosen" : ""}>
                <td>{kind}</td>
                <td>{what}</td>
                <td>
                  <button
                    type="button"
                    class="link"
                    aria-label={`Show ${what} of ${kind} at ${x}, ${y}`}
                    onClick={() => {
                      if (cell) selected.value = new Set([cell]);
                      mainStage()?.show(box);
                    }}
                  >
                    {x}, {y}
                  </button>
                </td>
                <td>{value === null ? "" : value.toFixed(2)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

/** What is in view once the view has not moved for a moment. */
function useSettled(open: ImageFacts) {
  const found = useSignal(rowsIn(open));
  useSignalEffect(() => {
    for (const signal of [version, imageId, score, glances, shownRound, show.marks, show.detections]) signal.value;
    const timer = setTimeout(() => {
      found.value = rowsIn(open);
    }, 150);
    return () => clearTimeout(timer);
  });
  return found.value;
}
