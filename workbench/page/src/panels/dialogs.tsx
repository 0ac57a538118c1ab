// What opens over the page: the list of keys, and what to take away.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Command, commands, shownKey } from "../keys.ts";
import { Choice } from "../parts/choice.tsx";
import { bytes, whole } from "../parts/format.ts";
import { Icon } from "../parts/icons.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { attempt } from "../state/notices.ts";
import { ledger } from "../state/project.ts";
import { post } from "../state/server.ts";
import { dialog, score, searchedRounds, shownRound } from "../state/view.ts";

function Dialog({ title, children }: { title: string; children: ComponentChildren }) {
  const place = useRef<HTMLDialogElement>(null);
  const opened = useRef(dialog.value);
  useEffect(() => {
    place.current?.setAttribute("closedby", "any");
    place.current?.showModal();
  }, []);
  return (
    <dialog
      ref={place}
      aria-labelledby="dialog-title"
      onClose={() => {
        if (dialog.value === opened.current) dialog.value = null; // not when another one has opened meanwhile
      }}
    >
      <div class="dialog">
        <header>
          <h2 id="dialog-title">{title}</h2>
          <button type="button" class="tool" aria-label="Close" title="Close (Esc)" onClick={() => place.current?.close()}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

const groups: readonly Command["group"][] = ["Tools", "Marks", "Show", "Answer", "Move about", "Page"];

function Keys() {
  const all: readonly Command[] = Object.values(commands);
  return (
    <Dialog title="Keys">
      <p class="note">
        Letters are QuPath's where it has them. They are off while you type. Numbers 1 to 9 choose a class; space pans while it is
        held.
      </p>
      <Scroll class="keys" label="List of keys">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {merged(all.filter((command) => command.group === group)).map(({ label, keys }) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>
                    {keys.map((key) => (
                      <kbd key={key}>{shownKey(key)}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </Scroll>
    </Dialog>
  );
}

/** The four arrows that do one thing are one line. */
function merged(list: readonly Command[]): { label: string; keys: string[] }[] {
  const lines = new Map<string, string[]>();
  for (const { label, keys } of list) lines.set(label, [...(lines.get(label) ?? []), ...keys]);
  return [...lines].map(([label, keys]) => ({ label, keys }));
}

const formats = [
  ["qupath", "QuPath", "GeoJSON, an image a file"],
  ["coco", "COCO", "one JSON file"],
  ["csv", "CSV", "a cell a line"],
  ["model", "Model", "the trained detector"],
] as const;
type Format = (typeof formats)[number][0];

function Export() {
  const round = useSignal(shownRound.value?.number ?? null);
  const format = useSignal<Format>("qupath");
  const what = useSignal<"marks" | "detections">(round.value === null ? "marks" : "detections");
  const least = useSignal(score.value);
  const busy = useSignal(false);
  const files = useSignal<readonly { readonly name: string; readonly bytes: number }[] | null>(null);
  const rounds = searchedRounds.value;
  const ofRound = format.value === "model" || what.value === "detections";
  const write = async () => {
    busy.value = true;
    const asked = { format: format.value, what: what.value, ...(ofRound && { round: round.value, score: least.value }) };
    const written = await attempt(() => post<{ files: { name: string; bytes: number }[] }>("/exports", asked));
    busy.value = false;
    if (written) files.value = written.files;
  };
  const changed = () => {
    files.value = null;
  };
  return (
    <Dialog title="Export">
      <div class="field">
        <span>Format</span>
        <Choice
          label="Format"
          value={format.value}
          choices={formats.map(([id, name, title]) => [id, name, title])}
          choose={(one) => {
            format.value = one;
            changed();
          }}
        />
        <p class="note">{formats.find(([id]) => id === format.value)![2]}</p>
      </div>
      {format.value !== "model" && (
        <div class="field">
          <span>What</span>
          <Choice
            label="What"
            value={what.value}
            disabled={rounds.length === 0}
            choices={[
              ["detections", "Detections", "What a round found"],
              ["marks", "Marks", `What is marked: ${whole(ledger.state.cells.size)} cells`],
            ]}
            choose={(one) => {
              what.value = one;
              changed();
            }}
          />
        </div>
      )}
      {ofRound && (
        <div class="row">
          <label class="field">
            Round
            <select
              value={String(round.value)}
              onChange={(event) => {
                round.value = Number(event.currentTarget.value);
                changed();
              }}
            >
              {rounds.map(({ number }) => (
                <option key={number} value={String(number)}>
                  Round {number}
                </option>
              ))}
            </select>
          </label>
          {format.value !== "model" && (
            <label class="field">
              Score from
              <input
                type="number"
                min="0"
                max="1"
                step="0.01"
                value={least.value}
                onChange={(event) => {
                  least.value = Number(event.currentTarget.value);
                  changed();
                }}
              />
            </label>
          )}
        </div>
      )}
      <button
        type="button"
        class="primary wide"
        disabled={busy.value || (ofRound && rounds.length === 0)}
        onClick={() => void write()}
      >
        <Icon name="export" /> {busy.value ? "Writing…" : "Write the files"}
      </button>
      {ofRound && rounds.length === 0 && <p class="note">A round must be trained first.</p>}
      <div role="status">
        {files.value && (
          <ul class="files">
            {files.value.map(({ name, bytes: size }) => (
              <li key={name}>
                <a
                  href={`/api/v1/exports/${name.split("/").map(encodeURIComponent).join("/")}`}
                  download={name.split("/").at(-1)}
                >
                  {name}
                </a>
                <span>{bytes(size)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <p class="note">The files also lie in the project's folder, under exports/.</p>
    </Dialog>
  );
}

export function Dialogs() {
  const opened = dialog.value;
  if (opened === null) return null;
  return opened.name === "keys" ? <Keys key={opened} /> : <Export key={opened} />;
}
