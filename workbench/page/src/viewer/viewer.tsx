// The viewer's place in the page: an image, its marks, the scale bar; two of them side by side to compare rounds.

import { computed, effect, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ImageFacts } from "../../../src/api.ts";
import { type Boxes, boxesOf } from "../canvas/boxes.ts";
import type { Scene } from "../canvas/layer.ts";
import { scaleBar } from "../canvas/scale-bar.ts";
import { detectionsOf } from "../state/detections.ts";
import { classes, loadMarks, marksOf } from "../state/project.ts";
import { answerOf, glanced, inView, list, visit } from "../state/queue.ts";
import {
  compareRound,
  comparing,
  image,
  loading,
  panel,
  score,
  selected,
  show,
  shownRound,
  tool,
  viewerFocused,
  zoom,
} from "../state/view.ts";
import { draft, hand, panning } from "./hand.ts";
import { Stage } from "./stage.ts";

const marks = computed(() => (image.value ? marksOf(image.value.id) : null));
const cellBoxes = computed<Boxes | null>(() => {
  const cells = marks.value?.cells;
  if (!cells) return null;
  const places = new Float32Array(4 * cells.length);
  cells.forEach(({ box }, i) => places.set(box, 4 * i));
  return boxesOf(places, new Uint16Array(cells.length));
});

/** What is drawn, by a round. */
function sceneOf(round: number | undefined): Scene {
  const open = image.value;
  const now = inView.value;
  const asking = panel.value === "answer";
  const asked = glanced.value ? [glanced.value] : list.value;
  const suspects = asked.filter(({ id, image: place }) => place === open?.id && (id === now?.id || answerOf(id) === null));
  return {
    classes: classes.value,
    cells: show.marks.value ? (marks.value?.cells ?? null) : null,
    cellBoxes: cellBoxes.value,
    regions: show.regions.value ? (marks.value?.regions ?? null) : null,
    detections: show.detections.value ? detectionsOf(round, open?.id) : null,
    score: score.value,
    suspects: show.suspects.value
      ? suspects.map(({ id, box, kind }) => ({ box, kind, current: asking && id === now?.id }))
      : null,
    names: show.names.value,
    selected: selected.value,
    draft: draft.value,
    crosshair: viewerFocused.value && (tool.value === "point" || tool.value === "box"),
  };
}

function View({ second = false }: { second?: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | null>(null);
  useEffect(() => {
    const made = new Stage(place.current!, hand);
    stage.current = made;
    const canvas = made.osd.canvas as HTMLElement;
    canvas.setAttribute("role", "application");
    canvas.setAttribute(
      "aria-label",
      second ? "Image with the other round's detections" : "Image with marks; the tables beside it list what is seen",
    );
    const focus = (to: boolean) => () => {
      viewerFocused.value = to && canvas.matches(":focus-visible");
    };
    canvas.addEventListener("focus", focus(true));
    canvas.addEventListener("blur", focus(false));
    canvas.addEventListener("pointerdown", focus(false), { capture: true });
    const stop = [
      effect(() => made.open(image.value)),
      effect(() => {
        made.scene = sceneOf(second ? (compareRound.value ?? undefined) : shownRound.value?.number);
        made.drawSoon();
      }),
      effect(() => {
        visit.value;
        const suspect = inView.peek();
        const open = image.peek();
        if (second || panel.value !== "answer" || !suspect || suspect.image !== open?.id) return;
        made.show(suspect.box);
      }),
    ];
    return () => {
      for (const end of stop) end();
      made.destroy();
    };
  }, []);
  useSignalEffect(() => {
    tool.value;
    stage.current?.setCursor(panning.value || tool.value === "move" ? "grab" : "crosshair");
  });
  return <div class="stage" ref={place} />;
}

function Bar({ open }: { open: ImageFacts }) {
  const { label, length } = scaleBar(zoom.value, open.mpp);
  return (
    <div class="scale-bar" role="img" aria-label={`Scale bar: ${label}`}>
      <span>{label}</span>
      <i style={{ width: `${length}px` }} />
    </div>
  );
}

const hints = {
  move: null,
  point: "Click a cell to mark it",
  box: "Drag a box around a cell",
  region: "Drag a rectangle around the region",
  polygon: "Click corners; double-click or Enter closes, Esc cancels",
} as const;

export function Viewers() {
  const open = image.value;
  const shownHint = useSignal(true);
  useSignalEffect(() => {
    if (image.value) void loadMarks(image.value.id);
  });
  const ofTool = panel.value === "mark" && shownHint.value ? hints[tool.value] : null;
  const hint = loading.value ? "Loading the image…" : ofTool;
  return (
    <main class={comparing.value ? "viewers two" : "viewers"} aria-label="Viewer">
      <div class="pane">
        <View />
        {comparing.value && <span class="pane-label">Round {shownRound.value?.number ?? "–"}</span>}
        {open && <Bar open={open} />}
        {hint && open && <p class="hint">{hint}</p>}
      </div>
      {comparing.value && (
        <div class="pane">
          <View second />
          <span class="pane-label">Round {compareRound.value ?? "–"}</span>
        </div>
      )}
    </main>
  );
}
