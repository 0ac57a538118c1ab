// Answering: one suspected cell after another, each with one key.

import type { Answer, Interval, Suspect } from "../../../src/api.ts";
import { Choice } from "../parts/choice.tsx";
import { CommandButton, Key } from "../parts/command.tsx";
import { percent, whole, withInterval } from "../parts/format.ts";
import { Name } from "../parts/name.tsx";
import { Swatch } from "../parts/swatch.tsx";
import { classes, imageById } from "../state/project.ts";
import { answer, answerOf, at, current, go, list, queue } from "../state/queue.ts";
import { askIn, asking } from "../state/sheet.ts";
import { active } from "../state/training.ts";
import { askingRound } from "../state/view.ts";
import { showPanel } from "../state/viewing.ts";
import { SheetQuestion } from "./sheet.tsx";

const answered: Record<Answer, string> = { accept: "a cell", refuse: "not a cell", unsure: "unsure" };

function Question({ suspect }: { suspect: Suspect }) {
  const given = answerOf(suspect.id);
  const kind = classes.value.find(({ id }) => id === suspect.classId);
  const image = imageById.value.get(suspect.image);
  const others = classes.value.filter(({ id }) => id !== suspect.classId);
  return (
    <section class="question" aria-labelledby="question-title" aria-live="polite">
      <h2 id="question-title">
        <Swatch kind={suspect.kind === "missing" ? "suspects" : "denied"} />
        {suspect.kind === "missing" ? "Is this a cell?" : "You marked this. Is it a cell?"}
      </h2>
      <p class="reason">{suspect.reason}</p>
      <p class="note about-it">
        <span>
          {kind && <i class="dot" style={{ background: kind.colour }} />} {kind?.name ?? "–"}
        </span>
        <span title={image?.name}>{image ? <Name name={image.name} /> : "–"}</span>
      </p>
      <div class="answers">
        <CommandButton name="accept" icon="check" class={given === "accept" ? "yes given" : "yes"} showKey>
          Cell
        </CommandButton>
        <CommandButton name="refuse" icon="not" class={given === "refuse" ? "no given" : "no"} showKey>
          Not a cell
        </CommandButton>
        <CommandButton name="unsure" icon="unsure" class={given === "unsure" ? "maybe given" : "maybe"} showKey>
          Unsure
        </CommandButton>
      </div>
      {suspect.kind === "missing" && others.length > 0 && (
        <fieldset class="row others" aria-label="A cell of another class">
          {others.map((one) => (
            <button
              key={one.id}
              type="button"
              class="quiet"
              title={`A cell, of the class ${one.name}`}
              onClick={() => answer("accept", one.id)}
            >
              <i class="dot" style={{ background: one.colour }} /> {one.name}{" "}
              <Key name={String(classes.value.indexOf(one) + 1)} />
            </button>
          ))}
        </fieldset>
      )}
      <p class="note given-line">{given ? `Answered: ${answered[given]}.` : "\u00a0"}</p>
    </section>
  );
}

function Part({ name, interval, title }: { name: string; interval: Interval | null; title: string }) {
  return (
    <div class="part" title={title}>
      <span>{name}</span>
      <b>{interval ? withInterval(interval) : "not known yet"}</b>
      <span class="range" role="img" aria-label={interval ? `${name}: ${withInterval(interval)}` : `${name}: not known yet`}>
        {interval && (
          <>
            <i
              style={{
                left: percent(interval.low).replace(" ", ""),
                width: percent(interval.high - interval.low).replace(" ", ""),
              }}
            />
            <em style={{ left: percent(interval.value).replace(" ", "") }} />
          </>
        )}
      </span>
    </div>
  );
}

export function EstimateView() {
  const known = queue.value;
  if (!known) return null;
  const { estimate } = known;
  return (
    <section aria-labelledby="estimate-title">
      <h2 id="estimate-title">What the answers say</h2>
      <Part
        name="Precision"
        interval={estimate.precision}
        title="Of the detections that are not marked: how many are cells; 95 % interval"
      />
      <Part
        name="Completeness"
        interval={estimate.completeness}
        title="Of all cells: how many are marked by now; 95 % interval"
      />
      <p class="advice">{estimate.advice}</p>
    </section>
  );
}

function Coming() {
  const from = Math.max(0, at.value - 3);
  const rows = list.value.slice(from, from + 12);
  return (
    <section aria-labelledby="coming-title">
      <h2 id="coming-title">Queue</h2>
      <table class="queue">
        <thead>
          <tr>
            <th scope="col">Image</th>
            <th scope="col">Why</th>
            <th scope="col">Answer</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, image, reason }, i) => (
            <tr key={id} class={from + i === at.value ? "chosen" : ""} aria-current={from + i === at.value ? "true" : undefined}>
              <td>
                <button type="button" class="link" title={imageById.value.get(image)?.name} onClick={() => go(from + i)}>
                  <Name name={imageById.value.get(image)?.name ?? image} />
                </button>
              </td>
              <td>{reason}</td>
              <td>{answerOf(id) ? answered[answerOf(id)!] : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function AnswerPanel() {
  const round = askingRound.value;
  const known = queue.value;
  if (!round)
    return (
      <div class="empty">
        <p>
          {active.value
            ? "The questions come as soon as the round has searched the images."
            : "Train first: then the model asks about the cells that it suspects."}
        </p>
        <button type="button" class="secondary" onClick={() => showPanel("train")}>
          {active.value ? "See how it learns" : "Go to Train"}
        </button>
      </div>
    );
  const suspect = current.value;
  const total = known ? known.left + known.answered : 0;
  return (
    <>
      <section class="left" aria-label="Progress">
        <p>
          <b>{known ? whole(known.left) : "–"}</b> left, <b>{known ? whole(known.answered) : "–"}</b> answered
          <span class="note"> · round {round.number}</span>
        </p>
        <progress aria-label="Answered" max={total || 1} value={known?.answered ?? 0} />
      </section>
      <Choice
        label="Answer"
        value={asking.value}
        choices={[
          ["one", "One by one", "The place that teaches most first (s)"],
          ["sheet", "Many at once", "Cells that the model is rather sure of, side by side (s)"],
        ]}
        choose={askIn}
      />
      {asking.value === "sheet" && total > 0 ? (
        <SheetQuestion round={round.number} />
      ) : suspect ? (
        <Question suspect={suspect} />
      ) : (
        <section class="question done">
          <h2>{known ? "Nothing more to answer" : "Reading the queue…"}</h2>
          {known && <p>Train another round: it learns from your answers.</p>}
          {known && (
            <button type="button" class="primary" onClick={() => showPanel("train")}>
              Train again
            </button>
          )}
        </section>
      )}
      <div class="row steps">
        {asking.value === "one" && (
          <>
            <CommandButton name="previous" class="secondary" disabled={at.value <= 0} showKey>
              Previous
            </CommandButton>
            <CommandButton name="next" class="secondary" disabled={at.value >= list.value.length - 1} showKey>
              Next
            </CommandButton>
          </>
        )}
        <CommandButton name="takeBack" class="secondary" showKey>
          Undo
        </CommandButton>
      </div>
      <EstimateView />
      {asking.value === "one" && list.value.length > 0 && <Coming />}
    </>
  );
}
