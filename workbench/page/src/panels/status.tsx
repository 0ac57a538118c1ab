// The foot of the page: where the pointer is, how large things are.

import { CommandButton } from "../parts/command.tsx";
import { duration, phaseWords, whole } from "../parts/format.ts";
import { active } from "../state/training.ts";
import { image, pointer, zoom } from "../state/view.ts";
import { showPanel } from "../state/viewing.ts";
import { Saved } from "./toolbar.tsx";

export function Status() {
  const open = image.value;
  const at = pointer.value;
  const inside = open && at && at[0] >= 0 && at[1] >= 0 && at[0] < open.width && at[1] < open.height;
  const busy = active.value;
  return (
    <footer class="status">
      <span class="zooms">
        <CommandButton name="zoomOut" icon="zoomOut" class="small" />
        <span class="zoom">{zoom.value >= 0.1 ? `${Math.round(zoom.value * 100)} %` : `${(zoom.value * 100).toFixed(1)} %`}</span>
        <CommandButton name="zoomIn" icon="zoomIn" class="small" />
        <CommandButton name="home" icon="home" class="small" />
      </span>
      {open && (
        <span class="wide-only">
          {open.name} · {whole(open.width)} × {whole(open.height)} px
          {open.mpp ? ` · ${Number(open.mpp.toPrecision(4))} µm/px` : ""}
        </span>
      )}
      <span class="place">
        {inside && `${whole(at[0])}, ${whole(at[1])} px`}
        {inside && open.mpp && ` · ${(at[0] * open.mpp).toFixed(1)}, ${(at[1] * open.mpp).toFixed(1)} µm`}
      </span>
      {busy && (
        <button type="button" class="quiet" onClick={() => showPanel("train")}>
          <i class="pulse" aria-hidden="true" /> Round {busy.number}: {phaseWords[busy.phase].toLowerCase()}
          {busy.secondsLeft !== null && busy.phase === "training" && `, ${duration(busy.secondsLeft)} left`}
        </button>
      )}
      <Saved />
    </footer>
  );
}
