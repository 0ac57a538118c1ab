// The page: tools at the top, images at the left, the viewer in the middle, panels at the right.

import { useRef } from "preact/hooks";
import { commands, shownKey } from "./keys.ts";
import { AnswerPanel } from "./panels/answer.tsx";
import { Dialogs } from "./panels/dialogs.tsx";
import { Images } from "./panels/images.tsx";
import { MarkPanel } from "./panels/mark.tsx";
import { Notices, Spoken } from "./panels/notices.tsx";
import { ResultsPanel } from "./panels/results.tsx";
import { Status } from "./panels/status.tsx";
import { Toolbar } from "./panels/toolbar.tsx";
import { TrainPanel } from "./panels/train.tsx";
import { images, project } from "./state/project.ts";
import { queue } from "./state/queue.ts";
import { active } from "./state/training.ts";
import { type Panel, panel } from "./state/view.ts";
import { showPanel } from "./state/viewing.ts";
import { Viewers } from "./viewer/viewer.tsx";

const panels: readonly Panel[] = ["mark", "train", "answer", "results"];
const contents = { mark: MarkPanel, train: TrainPanel, answer: AnswerPanel, results: ResultsPanel };

function Tabs() {
  const list = useRef<HTMLDivElement>(null);
  const step = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = panels[(panels.indexOf(panel.value) + by + panels.length) % panels.length];
    showPanel(next);
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Panels" ref={list} onKeyDown={step}>
      {panels.map((one) => (
        <button
          key={one}
          id={`tab-${one}`}
          type="button"
          role="tab"
          aria-selected={panel.value === one}
          aria-controls="panel"
          tabIndex={panel.value === one ? 0 : -1}
          title={`${commands[one].label} (${shownKey(commands[one].keys[0])})`}
          onClick={() => showPanel(one)}
        >
          {commands[one].label}
          {one === "train" && active.value && <i class="pulse" title="A round is at work" />}
          {one === "answer" && queue.value && queue.value.left > 0 && (
            <span class="badge">{Math.min(999, queue.value.left)}</span>
          )}
        </button>
      ))}
    </div>
  );
}

function Side() {
  const Content = contents[panel.value];
  return (
    <aside class="side" aria-label="Work">
      <Tabs />
      <div key={panel.value} id="panel" class={`panel ${panel.value}`} role="tabpanel" aria-labelledby={`tab-${panel.value}`}>
        <Content />
      </div>
    </aside>
  );
}

function Nothing() {
  return (
    <main class="nothing">
      <h2>There is no image here yet</h2>
      <p>
        Put pictures (PNG, JPEG, TIFF) or slides into <code>{project.value?.path}</code> and open it again.
      </p>
    </main>
  );
}

export function App() {
  if (!project.value)
    return (
      <main class="nothing" aria-busy="true">
        <h1 class="unseen">sparsecell</h1>
        <p>Opening…</p>
      </main>
    );
  const empty = images.value.length === 0;
  return (
    <div class="page">
      <Toolbar />
      <Images />
      {empty ? <Nothing /> : <Viewers />}
      <Side />
      <Status />
      <Notices />
      <Spoken />
      <Dialogs />
    </div>
  );
}
