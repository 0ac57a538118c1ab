// Marking: classes, regions, what is selected, the state of the image.

import { useSignal } from "@preact/signals";
import type { CellClass, ImageFacts, ImageState } from "../../../src/api.ts";
import { chooseClass } from "../keys.ts";
import { Choice } from "../parts/choice.tsx";
import { CommandButton, Key } from "../parts/command.tsx";
import { plural, stateWords, whole } from "../parts/format.ts";
import { Icon } from "../parts/icons.tsx";
import { Swatch } from "../parts/swatch.tsx";
import {
  addClass,
  changeClass,
  changeRegion,
  classify,
  selectedCells,
  selectedRegions,
  setMpp,
  setState,
} from "../state/marking.ts";
import { classes, markCounts, marksOf, rounds, stateOf, version } from "../state/project.ts";
import { currentClass, image, markClass, regionKind } from "../state/view.ts";
import { CellTable } from "./cell-table.tsx";

function ClassRow({ kind, number, count }: { kind: CellClass; number: number; count: number }) {
  const editing = useSignal(false);
  const chosen = currentClass.value === kind.id;
  const unit = image.value?.mpp ? "µm" : "px";
  return (
    <li class={chosen ? "class chosen" : "class"}>
      <label title={number < 10 ? `Mark as ${kind.name} (${number})` : undefined}>
        <input type="radio" name="class" checked={chosen} onChange={() => chooseClass(kind.id)} />
        <Swatch kind="marks" colour={kind.colour} />
        <span class="name">{kind.name}</span>
        <span class="count">{whole(count)}</span>
        {number < 10 && <Key name={String(number)} />}
      </label>
      <button
        type="button"
        class="quiet"
        aria-expanded={editing.value}
        aria-label={`Edit ${kind.name}`}
        onClick={() => {
          editing.value = !editing.value;
        }}
      >
        Edit
      </button>
      {editing.value && (
        <div class="edit">
          <label>
            Name
            <input
              type="text"
              value={kind.name}
              onChange={(event) =>
                event.currentTarget.value.trim() && changeClass(kind.id, { name: event.currentTarget.value.trim() })
              }
            />
          </label>
          <label>
            Colour
            <input
              type="color"
              value={kind.colour}
              onChange={(event) => changeClass(kind.id, { colour: event.currentTarget.value })}
            />
          </label>
          <label>
            Size ({unit})
            <input
              type="number"
              min="1"
              step="0.5"
              value={kind.size}
              onChange={(event) =>
                Number(event.currentTarget.value) > 0 && changeClass(kind.id, { size: Number(event.currentTarget.value) })
              }
            />
          </label>
        </div>
      )}
    </li>
  );
}

function Classes({ open }: { open: ImageFacts }) {
  const adding = useSignal(false);
  const { cells } = marksOf(open.id);
  const counts = new Map<string | null, number>();
  for (const { classId, hidden } of cells) if (!hidden) counts.set(classId, (counts.get(classId) ?? 0) + 1);
  return (
    <section aria-labelledby="classes-title">
      <h2 id="classes-title">Mark as</h2>
      <ul class="classes">
        {classes.value.map((kind, i) => (
          <ClassRow key={kind.id} kind={kind} number={i + 1} count={counts.get(kind.id) ?? 0} />
        ))}
        <li class={currentClass.value === null ? "class chosen" : "class"}>
          <label title="A place that is not a cell: a hard negative (x)">
            <input type="radio" name="class" checked={markClass.value === null} onChange={() => chooseClass(null)} />
            <Swatch kind="not" />
            <span class="name">Not a cell</span>
            <span class="count">{whole(counts.get(null) ?? 0)}</span>
            <Key name="x" />
          </label>
        </li>
      </ul>
      {adding.value ? (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            const name = String(new FormData(event.currentTarget).get("name")).trim();
            if (name) markClass.value = addClass(name).id;
            adding.value = false;
          }}
        >
          <input name="name" type="text" aria-label="Name of the new class" placeholder="Name of the class" autofocus required />
          <button type="submit" class="secondary">
            Add
          </button>
        </form>
      ) : (
        <button
          type="button"
          class="quiet wide"
          onClick={() => {
            adding.value = true;
          }}
        >
          <Icon name="plus" /> Add a class
        </button>
      )}
    </section>
  );
}

function Regions({ open }: { open: ImageFacts }) {
  const { regions } = marksOf(open.id);
  const of = (kind: "complete" | "ignore") => regions.filter((region) => region.kind === kind).length;
  return (
    <section aria-labelledby="regions-title">
      <h2 id="regions-title">
        Regions <Key name="i" />
      </h2>
      <Choice
        label="Kind of the next region"
        value={regionKind.value}
        choices={[
          [
            "complete",
            <>
              <Swatch kind="complete" /> Complete <b>{of("complete")}</b>
            </>,
            "Every cell in it is marked",
          ],
          [
            "ignore",
            <>
              <Swatch kind="ignore" /> Ignore <b>{of("ignore")}</b>
            </>,
            "Nothing in it counts",
          ],
        ]}
        choose={(kind) => {
          regionKind.value = kind;
        }}
      />
      <p class="note">
        {regionKind.value === "complete"
          ? "Inside, every cell is marked: the model learns from what is left as background."
          : "Inside, nothing counts: torn or blurred tissue, places you cannot tell."}
      </p>
      <div class="row">
        <CommandButton name="region" icon="region" class="secondary">
          Rectangle
        </CommandButton>
        <CommandButton name="polygon" icon="polygon" class="secondary">
          Polygon
        </CommandButton>
      </div>
    </section>
  );
}

function Selection() {
  version.value;
  const [cells, regions] = [selectedCells(), selectedRegions()];
  if (cells.length + regions.length === 0) return null;
  const [cell] = cells;
  const [region] = regions;
  const what = [cells.length > 0 && plural(cells.length, "cell"), regions.length > 0 && plural(regions.length, "region")];
  return (
    <section class="selection" aria-labelledby="selection-title">
      <h2 id="selection-title">Selected: {what.filter(Boolean).join(", ")}</h2>
      <div class="row">
        {cell && (
          <select
            aria-label="Class of the selected cells"
            value={cell.classId ?? ""}
            onChange={(event) => classify(event.currentTarget.value || null)}
          >
            {classes.value.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            <option value="">Not a cell</option>
          </select>
        )}
        {!cell && region && (
          <select
            aria-label="Kind of the selected region"
            value={region.kind}
            onChange={(event) => changeRegion(region.id, { kind: event.currentTarget.value as "complete" | "ignore" })}
          >
            <option value="complete">Complete</option>
            <option value="ignore">Ignore</option>
          </select>
        )}
        <CommandButton name="delete" icon="delete" class="secondary">
          Delete
        </CommandButton>
      </div>
    </section>
  );
}

const states: readonly [ImageState, string][] = [
  ["untouched", "Nobody has worked on it"],
  ["marking", "Some of its cells are marked"],
  ["complete", "All of its cells are marked"],
  ["test", "All of its cells are marked, and it is never trained on"],
];

function ThisImage({ open }: { open: ImageFacts }) {
  return (
    <section aria-labelledby="image-title">
      <h2 id="image-title">This image</h2>
      <Choice
        label="State of this image"
        value={stateOf(open.id)}
        choices={states.map(([state, title]) => [state, stateWords[state], title])}
        choose={(state) => setState(open.id, state)}
        grid
      />
      <label class="field">
        Microns per pixel
        <input
          type="number"
          min="0.01"
          step="any"
          placeholder="unknown"
          value={open.mpp ?? ""}
          onChange={(event) => {
            const value = Number(event.currentTarget.value);
            setMpp(open.id, value > 0 ? value : null);
          }}
        />
      </label>
    </section>
  );
}

/** Marks after which a first training is worth its time. */
const ENOUGH = 10;

function First() {
  const marked = [...markCounts.value.values()].reduce((sum, count) => sum + count, 0);
  return (
    <p class="advice">
      {marked < ENOUGH ? (
        <>
          Begin with the point tool <Key name="." />: click about ten cells, on several images. Not all of them: that is what
          training is for. The circle should enclose a cell: set its size under Edit.
          {marked > 0 && ` ${whole(marked)} so far.`}
        </>
      ) : (
        <>
          Enough to begin: go to Train <Key name="t" />, or mark some more.
        </>
      )}
    </p>
  );
}

export function MarkPanel() {
  const open = image.value;
  if (!open) return <p class="empty">Choose an image at the left.</p>;
  return (
    <>
      {rounds.value.length === 0 && <First />}
      <Classes open={open} />
      <Selection />
      <Regions open={open} />
      <ThisImage open={open} />
      <CellTable open={open} />
    </>
  );
}
