// Many suspects side by side, each with what lies around it.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Suspect } from "../../../src/api.ts";
import { CommandButton } from "../parts/command.tsx";
import { plural } from "../parts/format.ts";
import { factsOf, imageById } from "../state/project.ts";
import { glance, glanced, queue } from "../state/queue.ts";
import { readSheet, sheet, toggleWrong, wrong } from "../state/sheet.ts";
import { showPanel } from "../state/viewing.ts";
import { tilesIn, windowAround } from "../viewer/zoom.ts";

const COLUMNS = 4;
/** A picture is so many times as wide as the suspect's box, and so many pixels of the screen. */
const [AROUND, PIXELS] = [2.5, 160];

function Picture({ suspect }: { suspect: Suspect }) {
  const image = imageById.value.get(suspect.image);
  if (!image) return null;
  const window = windowAround(suspect.box, 1, AROUND);
  const side = window[2] - window[0];
  const part = (length: number) => percentOf(length / side);
  return (
    <>
      {tilesIn(factsOf(image), window, PIXELS).map(({ url, box: [left, top, right, bottom] }) => (
        <img
          key={url}
          src={url}
          alt=""
          style={{
            left: part(left - window[0]),
            top: part(top - window[1]),
            width: part(right - left),
            height: part(bottom - top),
          }}
        />
      ))}
    </>
  );
}

const percentOf = (part: number): string => `${100 * part}%`;

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS };

export function SheetQuestion({ round }: { round: number }) {
  const at = useSignal(0);
  const tiles = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    void readSheet();
    return () => {
      glanced.value = null;
    };
  }, [round]);
  const known = sheet.value?.round === round ? sheet.value : null;
  const suspects = known?.suspects ?? [];
  const key = suspects[0]?.id;
  useEffect(() => {
    at.value = 0;
    if (document.activeElement?.tagName !== "INPUT") tiles.current?.querySelector<HTMLElement>("button")?.focus();
  }, [key]);
  if (!known) return <p class="note">Reading the sheet…</p>;
  if (suspects.length === 0) return <p class="note">Nothing more is found that is likely to be a cell.</p>;
  const answered = queue.value?.round === round ? queue.value.answered : 0;
  const not = suspects.filter(({ id }) => wrong.value.has(id)).length;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = at.value + (steps[event.key] ?? 0);
    if (event.key.toLowerCase() === "x") toggleWrong(suspects[at.value].id);
    else if (to !== at.value && to >= 0 && to < suspects.length)
      tiles.current?.querySelectorAll<HTMLElement>("button")[to].focus();
    else if (!(event.key in steps)) return;
    event.preventDefault();
  };
  return (
    <section class="question" aria-labelledby="sheet-title">
      <h2 id="sheet-title">Which of these are not cells?</h2>
      <p class="note">Press each whose middle is not a cell; then mark all the others at once.</p>
      {answered > 0 && (
        <p>
          {plural(answered, "answer")} so far:{" "}
          <button type="button" class="link" onClick={() => showPanel("train")}>
            train again
          </button>{" "}
          when you like, or go on.
        </p>
      )}
      <fieldset class="sheet" aria-label="Suspected cells" ref={tiles} onKeyDown={onKeyDown}>
        {suspects.map((suspect, i) => (
          <button
            key={suspect.id}
            type="button"
            class="tile"
            aria-pressed={wrong.value.has(suspect.id)}
            aria-label={`${i + 1} is not a cell`}
            title={`score ${suspect.score.toFixed(2)}, ${imageById.value.get(suspect.image)?.name ?? ""}`}
            tabIndex={i === at.value ? 0 : -1}
            onFocus={() => {
              at.value = i;
              glance(suspect);
            }}
            onClick={() => toggleWrong(suspect.id)}
          >
            <Picture suspect={suspect} />
          </button>
        ))}
      </fieldset>
      <CommandButton name="confirmSheet" class="primary" showKey>
        {`Mark ${suspects.length - not} as cells, ${not} as not`}
      </CommandButton>
    </section>
  );
}
