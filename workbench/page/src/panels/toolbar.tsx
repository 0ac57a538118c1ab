// The top of the page: tools, what is shown, from which score on.

import { Brand, ThemeSwitch } from "../parts/brand.tsx";
import { CommandButton } from "../parts/command.tsx";
import { history, project, rounds, saveProblem, unsaved, version } from "../state/project.ts";
import { chosenScore, comparing, score, show, shownRound, tool } from "../state/view.ts";

function ScoreSlider() {
  const round = shownRound.value;
  const now = score.value;
  const recommended = round?.heldOut?.score;
  return (
    <div class="score" title="Detections of this score or more are shown ( [ and ] )">
      <label for="score">Score</label>
      <input
        id="score"
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={now}
        disabled={!round}
        onInput={(event) => {
          chosenScore.value = Number(event.currentTarget.value);
        }}
      />
      <output for="score">{now.toFixed(2)}</output>
      {chosenScore.value !== null && recommended !== undefined && (
        <button
          type="button"
          class="quiet"
          title={`Back to the score that the round recommends, ${recommended.toFixed(2)}`}
          onClick={() => {
            chosenScore.value = null;
          }}
        >
          Reset
        </button>
      )}
    </div>
  );
}

export function Saved() {
  const [left, problem] = [unsaved.value, saveProblem.value];
  if (problem) return <span class="saved bad">Not saved</span>;
  return <span class="saved">{left > 0 ? "Saving…" : "Saved"}</span>;
}

export function Toolbar() {
  version.value;
  const now = tool.value;
  return (
    <header class="toolbar">
      <h1 class="unseen">sparsecell</h1>
      <Brand path={project.value?.path ?? ""} />
      <div class="group" role="toolbar" aria-label="Tools">
        <CommandButton name="move" icon="move" pressed={now === "move"} />
        <CommandButton name="point" icon="point" pressed={now === "point"} />
        <CommandButton name="box" icon="box" pressed={now === "box"} />
        <CommandButton name="region" icon="region" pressed={now === "region"} />
        <CommandButton name="polygon" icon="polygon" pressed={now === "polygon"} />
      </div>
      <div class="group" role="toolbar" aria-label="Undo">
        <CommandButton name="undo" icon="undo" disabled={!history.canUndo} />
        <CommandButton name="redo" icon="redo" disabled={!history.canRedo} />
      </div>
      <div class="group" role="toolbar" aria-label="Show">
        <CommandButton name="marks" icon="marks" pressed={show.marks.value} />
        <CommandButton name="detections" icon="detections" pressed={show.detections.value} />
        <CommandButton name="suspects" icon="suspects" pressed={show.suspects.value} />
        <CommandButton name="regions" icon="regions" pressed={show.regions.value} />
        <CommandButton name="names" icon="names" pressed={show.names.value} />
        <CommandButton name="compare" icon="compare" pressed={comparing.value} disabled={rounds.value.length < 2} />
      </div>
      <ScoreSlider />
      <div class="group end" role="toolbar" aria-label="Page">
        <CommandButton name="keys" icon="keys" />
        <ThemeSwitch />
        <CommandButton name="export" icon="export" class="secondary">
          Export
        </CommandButton>
      </div>
    </header>
  );
}
