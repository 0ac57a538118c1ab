// Training: what a round will learn from and how long; what it does while it learns; the rounds so far.

import { computed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Round, TrainRequest } from "../../../src/api.ts";
import { Chart } from "../parts/chart.tsx";
import { Choice } from "../parts/choice.tsx";
import {
  budgetSeconds,
  budgetWords,
  decimals,
  duration,
  percent,
  phaseWords,
  plural,
  shortBudget,
  whole,
} from "../parts/format.ts";
import { Icon } from "../parts/icons.tsx";
import { withLocalPaths } from "../parts/paths.ts";
import { Scroll } from "../parts/scroll.tsx";
import { Windows } from "../parts/windows.tsx";
import { images, ledger, loadAllMarks, project, rounds, stateOf, version } from "../state/project.ts";
import { askIn } from "../state/sheet.ts";
import { active, isBusy, logOpen, order, progress, starting, train, watch, watched, watchedRound } from "../state/training.ts";
import { chosenRound, chosenScore, shownRound } from "../state/view.ts";
import { showPanel } from "../state/viewing.ts";

/** What is marked outside of test images. */
const material = computed(() => {
  version.value;
  let [cells, negatives, withMarks, regions, points] = [0, 0, 0, 0, 0];
  for (const { id } of images.value) {
    if (stateOf(id) === "test") continue;
    let here = 0;
    for (const { classId, point, hidden } of ledger.state.cellsOf(id)) {
      if (hidden) continue;
      here++;
      if (classId === null) negatives++;
      else {
        cells++;
        if (point) points++;
      }
    }
    for (const _ of ledger.state.regionsOf(id)) regions++;
    if (here > 0) withMarks++;
  }
  return { cells, negatives, images: withMarks, regions, points };
});

const longer = ["5m", "15m", "1h"];

function Start() {
  const suggested = project.value?.suggested.budget ?? "1m";
  const budget = useSignal(suggested);
  const from = useSignal<string>("last");
  const { cells, negatives, images: withMarks, regions } = material.value;
  const finished = rounds.value.filter(({ phase }) => phase === "done");
  const number = (rounds.value.at(-1)?.number ?? 0) + 1;
  const choices = longer.includes(suggested) ? longer : [suggested, ...longer];
  useEffect(() => void loadAllMarks(), []);
  const request = (): TrainRequest => {
    const start = from.value === "last" ? {} : { from: from.value === "first" ? null : Number(from.value) };
    return { budget: budget.value, ...start };
  };
  return (
    <section aria-labelledby="start-title">
      <h2 id="start-title">Round {number} learns from</h2>
      <dl class="facts four">
        <div>
          <dt>{cells === 1 ? "cell" : "cells"}</dt>
          <dd>{whole(cells)}</dd>
        </div>
        <div>
          <dt>{withMarks === 1 ? "image" : "images"}</dt>
          <dd>{whole(withMarks)}</dd>
        </div>
        <div>
          <dt>{regions === 1 ? "region" : "regions"}</dt>
          <dd>{whole(regions)}</dd>
        </div>
        <div title="Places marked as not a cell">
          <dt>not cells</dt>
          <dd>{whole(negatives)}</dd>
        </div>
      </dl>
      <div class="field">
        <span>Time</span>
        <Choice
          label="Time for training"
          value={budget.value}
          choices={choices.map((one) => [one, shortBudget(one), one === suggested ? "Suggested" : undefined])}
          choose={(one) => {
            budget.value = one;
          }}
        />
      </div>
      <label class="field">
        Starts from
        <select
          value={from.value}
          onChange={(event) => {
            from.value = event.currentTarget.value;
          }}
        >
          <option value="last">{finished.length > 0 ? `the last round (${finished.at(-1)!.number})` : "a new model"}</option>
          {finished.slice(0, -1).map(({ number: one }) => (
            <option key={one} value={String(one)}>
              round {one}
            </option>
          ))}
          {finished.length > 0 && <option value="first">a new model</option>}
        </select>
      </label>
      <button type="button" class="primary" disabled={cells === 0 || starting.value} onClick={() => void train(request())}>
        <Icon name="play" />
        {starting.value ? "Starting…" : `Train for ${budgetWords(budget.value)}`}
      </button>
      <p class="note">
        {cells === 0
          ? "Mark some cells first: about ten, on several images, are enough to begin."
          : "You can go on marking and looking meanwhile. Test images are never learned from."}
      </p>
    </section>
  );
}

function Going({ round }: { round: Round }) {
  const { phase, step, steps, secondsLeft, searched, number, request } = round;
  const isSlow = phase === "training" && (secondsLeft ?? 0) > 1.5 * (budgetSeconds(request.budget) ?? Infinity);
  const total = images.value.length;
  const part = phase === "searching" ? searched / (total || 1) : steps ? step / steps : null;
  const words =
    phase === "searching"
      ? `${whole(searched)} of ${plural(total, "image")}`
      : [
          steps ? `step ${whole(step)} of ${whole(steps)}` : step > 0 && `step ${whole(step)}`,
          secondsLeft !== null && `${duration(secondsLeft)} left`,
        ]
          .filter(Boolean)
          .join(", ");
  return (
    <section class="going" aria-labelledby="going-title">
      <h2 id="going-title">
        Round {number}: {phaseWords[phase].toLowerCase()}
      </h2>
      <progress aria-label="Progress of the round" max="1" value={part ?? undefined} />
      <p class="note">
        {phase === "preparing" && number === 1
          ? "The first training on a computer needs some minutes more: it sets itself up."
          : words || "\u00a0"}
      </p>
      {isSlow && (
        <p class="note">
          This takes longer than {budgetWords(request.budget)}: the computer is slow or busy, and fewer steps would teach too
          little.
        </p>
      )}
      <div class="row">
        {phase === "paused" ? (
          <button type="button" class="secondary" onClick={() => void order(round, "resume")}>
            <Icon name="play" /> Resume
          </button>
        ) : (
          <button type="button" class="secondary" onClick={() => void order(round, "pause")}>
            <Icon name="pause" /> Pause
          </button>
        )}
        <button
          type="button"
          class="secondary"
          title="Ends the round for good, without its model; to go on later, pause it"
          onClick={() => void order(round, "stop")}
        >
          <Icon name="stop" /> Stop
        </button>
      </div>
    </section>
  );
}

/** Where few are marked, all are learned from. */
const holdsNoneOut = ({ plan }: Round) => plan.some(({ what, chosen }) => what === "held-out marks" && chosen === "none");

/** Curves, pictures, plan and log of the watched round. */
function Details({ round }: { round: Round }) {
  const { number, plan, phase } = round;
  useEffect(() => void watch(number), [number, phase]);
  const seen = progress.value?.round === number ? progress.value : null;
  const loss = (seen?.curves.loss ?? []).map(({ step, loss: value }) => [step, value] as const);
  const recall = (seen?.curves.heldOut ?? []).map(({ step, recall: value }) => [step, value] as const);
  return (
    <section aria-label={`Curves of round ${number}`}>
      <Chart title="Loss" lines={[{ name: "now", points: loss, look: "first" }]} format={decimals} />
      {(recall.length > 0 || (isBusy(round) && !holdsNoneOut(round))) && (
        <Chart
          title="Held-out cells found"
          lines={[{ name: "now", points: recall, look: "second" }]}
          range={[0, 1]}
          format={percent}
          dots
        />
      )}
      {seen && seen.pictures.length > 0 && <Windows pictures={seen.pictures} folder={`/api/v1/rounds/${number}/pictures`} />}
      {plan.length > 0 && (
        <details>
          <summary>Plan</summary>
          <dl class="plan">
            {plan.map(({ what, chosen, reason }) => (
              <div key={what}>
                <dt>
                  {what}: <b>{chosen}</b>
                </dt>
                <dd>{reason}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      <details
        open={logOpen.value}
        onToggle={(event) => {
          logOpen.value = event.currentTarget.open;
          if (logOpen.value) void watch(number);
        }}
      >
        <summary>Log</summary>
        {logOpen.value && <Log text={local(seen?.log ?? "")} />}
      </details>
    </section>
  );
}

const local = (text: string): string => (project.value ? withLocalPaths(text, project.value) : text);

function Log({ text }: { text: string }) {
  const place = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const box = place.current?.parentElement;
    if (box) box.scrollTop = box.scrollHeight;
  }, [text]);
  return (
    <Scroll class="log" label="Log">
      <pre ref={place}>{text || "Nothing yet."}</pre>
    </Scroll>
  );
}

function RoundCard({ round }: { round: Round }) {
  const { number, phase, request, started, learned, heldOut, completeness, error } = round;
  const shown = shownRound.value?.number === number;
  const from = typeof request.from === "number" ? `round ${request.from}` : "a new model";
  return (
    <li class={shown ? "round shown" : "round"}>
      <h3>
        Round {number} <span class={`phase ${phase}`}>{phaseWords[phase]}</span>
      </h3>
      {error && <p class="error">{local(error)}</p>}
      <p>
        Learned from {plural(learned.cells, "cell")} on {plural(learned.images, "image")}
        {learned.regions > 0 && `, ${plural(learned.regions, "region")}`}
        {learned.negatives > 0 && `, ${plural(learned.negatives, "hard negative")}`}
      </p>
      <p class="note">
        {budgetWords(request.budget)} from {from}
        {request.method && `, ${request.method}`} ·{" "}
        {new Date(started).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}
      </p>
      {heldOut && (
        <p>
          Finds <b>{whole(heldOut.found)}</b> of {whole(heldOut.marks)} held-out marks at score {heldOut.score.toFixed(2)}
        </p>
      )}
      {completeness && (
        <p>
          Marked, by its count: <b>{percent(completeness.part)}</b> of all cells ({Math.round(completeness.low * 100)} to{" "}
          {Math.round(completeness.high * 100)})
        </p>
      )}
      <div class="row">
        <button
          type="button"
          class="quiet"
          aria-pressed={shown}
          disabled={round.searched === 0}
          onClick={() => {
            [chosenRound.value, chosenScore.value] = [number, null];
          }}
        >
          {shown ? "Detections shown" : "Show detections"}
        </button>
        <button
          type="button"
          class="quiet"
          aria-pressed={watched.value?.number === number}
          onClick={() => {
            watchedRound.value = number;
          }}
        >
          Curves
        </button>
        {phase === "done" && (
          <a class="quiet" href={`/api/v1/rounds/${number}/report`} target="_blank" rel="noreferrer">
            Report
          </a>
        )}
      </div>
    </li>
  );
}

/** After a first training a sheet brings most for a click. */
function answerAfter({ number }: Round): void {
  askIn(number === 1 ? "sheet" : "one");
  showPanel("answer");
}

export function TrainPanel() {
  const busy = active.value;
  const round = watched.value;
  useSignalEffect(() => {
    if (watched.value && isBusy(watched.value)) void watch(watched.value.number);
  });
  const last = rounds.value.at(-1);
  return (
    <>
      {busy ? <Going round={busy} /> : <Start />}
      {!busy && last?.phase === "failed" && last.error && (
        <p class="error" role="alert">
          Round {last.number} failed: {local(last.error)}
        </p>
      )}
      {!busy && last?.phase === "done" && (
        <button type="button" class="secondary wide" onClick={() => answerAfter(last)}>
          <Icon name="unsure" />
          {last.number === 1 ? "Answer: many cells at once" : `Answer what round ${last.number} is unsure of`}
        </button>
      )}
      {round && <Details round={round} />}
      {rounds.value.length > 0 && (
        <section aria-labelledby="rounds-title">
          <h2 id="rounds-title">Rounds</h2>
          <ol class="rounds">
            {[...rounds.value].reverse().map((one) => (
              <RoundCard key={one.number} round={one} />
            ))}
          </ol>
        </section>
      )}
    </>
  );
}
