// Results: how many cells, by class and image, and what to take away.

import { computed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { CommandButton } from "../parts/command.tsx";
import { percent, whole } from "../parts/format.ts";
import { Name } from "../parts/name.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { Swatch } from "../parts/swatch.tsx";
import { arrived, countsOf, loadAllDetections } from "../state/detections.ts";
import { classes, images, ledger, loadAllMarks, version } from "../state/project.ts";
import { refill } from "../state/queue.ts";
import {
  chosenRound,
  chosenScore,
  compareRound,
  comparing,
  imageId,
  openImage,
  score,
  searchedRounds,
  shownRound,
} from "../state/view.ts";
import { setComparing } from "../state/viewing.ts";
import { EstimateView } from "./answer.tsx";

interface Counts {
  readonly id: string;
  readonly name: string;
  /** By class, in their order. */
  readonly marked: readonly number[];
  readonly found: readonly number[] | null;
}

const counts = computed<readonly Counts[]>(() => {
  version.value;
  arrived.value;
  const order = new Map(classes.value.map(({ id }, i) => [id, i]));
  return images.value.map(({ id, name }) => {
    const marked = classes.value.map(() => 0);
    for (const { classId, hidden } of ledger.state.cellsOf(id)) {
      const at = classId === null || hidden ? undefined : order.get(classId);
      if (at !== undefined) marked[at]++;
    }
    return { id, name, marked, found: countsOf(shownRound.value?.number, id, score.value) };
  });
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function ByClass() {
  const rows = counts.value;
  const here = rows.find(({ id }) => id === imageId.value);
  const known = rows.filter(({ found }) => found !== null);
  const complete = known.length === rows.length;
  return (
    <section aria-labelledby="by-class-title">
      <h2 id="by-class-title">By class</h2>
      <table class="numbers classes-by">
        <thead>
          <tr>
            <td />
            <th scope="colgroup" colSpan={2}>
              this image
            </th>
            <th scope="colgroup" colSpan={2}>
              all images
            </th>
          </tr>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">marked</th>
            <th scope="col">found</th>
            <th scope="col">marked</th>
            <th scope="col">found</th>
          </tr>
        </thead>
        <tbody>
          {classes.value.map(({ id, name, colour }, i) => (
            <tr key={id}>
              <th scope="row">
                <i class="dot" style={{ background: colour }} /> {name}
              </th>
              <td>{here ? whole(here.marked[i]) : "–"}</td>
              <td>{here?.found ? whole(here.found[i] ?? 0) : "–"}</td>
              <td>{whole(sum(rows.map(({ marked }) => marked[i])))}</td>
              <td>{known.length > 0 ? whole(sum(known.map(({ found }) => found![i] ?? 0))) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shownRound.value && !complete && (
        <p class="note">
          Found so far on {whole(known.length)} of {whole(rows.length)} images.
        </p>
      )}
    </section>
  );
}

function ByImage() {
  return (
    <section aria-labelledby="by-image-title">
      <h2 id="by-image-title">By image</h2>
      <Scroll label="Counts by image">
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">Image</th>
              <th scope="col">marked</th>
              <th scope="col">found</th>
            </tr>
          </thead>
          <tbody>
            {counts.value.slice(0, 500).map(({ id, name, marked, found }) => (
              <tr key={id} class={id === imageId.value ? "chosen" : ""}>
                <th scope="row">
                  <button type="button" class="link" title={name} onClick={() => openImage(id)}>
                    <Name name={name} />
                  </button>
                </th>
                <td>{whole(sum(marked))}</td>
                <td>{found ? whole(sum(found)) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Which() {
  const found = searchedRounds.value;
  const round = shownRound.value;
  if (!round) return <p class="empty">Nothing has been searched yet. What is marked is counted below.</p>;
  return (
    <section aria-labelledby="which-title">
      <h2 id="which-title">Detections</h2>
      <div class="row">
        <label class="field">
          Round
          <select
            value={String(round.number)}
            onChange={(event) => {
              [chosenRound.value, chosenScore.value] = [Number(event.currentTarget.value), null];
            }}
          >
            {found.map(({ number }) => (
              <option key={number} value={String(number)}>
                Round {number}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          Beside it
          <select
            value={comparing.value ? String(compareRound.value) : ""}
            disabled={found.length < 2}
            onChange={(event) => {
              const value = event.currentTarget.value;
              if (value) compareRound.value = Number(value);
              setComparing(value !== "");
            }}
          >
            <option value="">nothing</option>
            {found
              .filter(({ number }) => number !== round.number)
              .map(({ number }) => (
                <option key={number} value={String(number)}>
                  Round {number}
                </option>
              ))}
          </select>
        </label>
      </div>
      {round.heldOut && (
        <p>
          At its recommended score, {round.heldOut.score.toFixed(2)}, round {round.number} finds{" "}
          <b>{percent(round.heldOut.found / (round.heldOut.marks || 1))}</b> of the {whole(round.heldOut.marks)} held-out marks.
        </p>
      )}
      <div class="row">
        <CommandButton name="export" icon="export" class="primary">
          Export
        </CommandButton>
        <a class="secondary" href={`/api/v1/rounds/${round.number}/report`} target="_blank" rel="noreferrer">
          Report of round {round.number}
        </a>
      </div>
    </section>
  );
}

export function Legend() {
  return (
    <details class="legend">
      <summary>What the signs mean</summary>
      <ul>
        <li>
          <Swatch kind="marks" /> marked by a click
        </li>
        <li>
          <Swatch kind="box" /> marked by a box
        </li>
        <li>
          <Swatch kind="hidden" /> marked, hidden from training
        </li>
        <li>
          <Swatch kind="not" /> marked as not a cell
        </li>
        <li>
          <Swatch kind="detections" /> found by the model
        </li>
        <li>
          <Swatch kind="suspects" /> suspected: found, not marked
        </li>
        <li>
          <Swatch kind="denied" /> doubted: marked, not found
        </li>
        <li>
          <Swatch kind="complete" /> region: every cell is marked
        </li>
        <li>
          <Swatch kind="ignore" /> region: nothing counts
        </li>
      </ul>
    </details>
  );
}

export function ResultsPanel() {
  const round = shownRound.value?.number;
  useEffect(() => {
    void loadAllMarks();
    if (round === undefined) return;
    void loadAllDetections(round);
    void refill();
  }, [round]);
  return (
    <>
      <Which />
      <ByClass />
      <EstimateView />
      <ByImage />
      <Legend />
    </>
  );
}
