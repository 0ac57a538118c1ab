// The list of images: a picture, what is marked and found, how far it is.

import { useEffect, useRef } from "preact/hooks";
import type { ImageFacts } from "../../../src/api.ts";
import { plural, stateWords, whole } from "../parts/format.ts";
import { Name } from "../parts/name.tsx";
import { Swatch } from "../parts/swatch.tsx";
import { countsOf } from "../state/detections.ts";
import { images, markCounts } from "../state/project.ts";
import { filter, imageId, type ListedState, listed, listedState, openImage, score, shownRound } from "../state/view.ts";

const words: Record<ListedState, string> = { ...stateWords, unusable: "Cannot be used" };
const states = Object.keys(words) as ListedState[];

function Item({ image }: { image: ImageFacts }) {
  const place = useRef<HTMLButtonElement>(null);
  const open = imageId.value === image.id;
  useEffect(() => {
    if (open) place.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [open]);
  const state = listedState(image);
  const marked = markCounts.value.get(image.id);
  const found = countsOf(shownRound.value?.number, image.id, score.value)?.reduce((sum, count) => sum + count, 0);
  return (
    <li>
      <button
        ref={place}
        type="button"
        class="image"
        aria-current={open ? "true" : undefined}
        title={image.problem === undefined ? image.name : `${image.name}: ${image.problem}`}
        onClick={() => openImage(image.id)}
      >
        <img src={`/api/v1/images/${image.id}/thumbnail.jpg`} alt="" loading="lazy" decoding="async" />
        <span class="about">
          <Name name={image.name} />
          <span class="counts">
            <Count kind="marks" count={marked} word="marked" />
            <Count kind="detections" count={found} word="found" />
          </span>
          <span class={`state ${state}`}>
            <i aria-hidden="true" />
            {words[state]}
          </span>
        </span>
      </button>
    </li>
  );
}

function Count({ kind, count, word }: { kind: "marks" | "detections"; count: number | undefined; word: string }) {
  if (count === undefined) return null;
  return (
    <span title={`${whole(count)} ${word}`}>
      <Swatch kind={kind} />
      {whole(count)}
      <span class="unseen"> {word}</span>
    </span>
  );
}

export function Images() {
  const shown = listed.value;
  const total = images.value.length;
  return (
    <nav class="images" aria-label="Images">
      <div class="filters">
        <input
          type="search"
          placeholder="Filter images"
          aria-label="Filter images by name"
          value={filter.value.text}
          onInput={(event) => {
            filter.value = { ...filter.value, text: event.currentTarget.value };
          }}
        />
        <select
          aria-label="Filter images by state"
          value={filter.value.state}
          onChange={(event) => {
            filter.value = { ...filter.value, state: event.currentTarget.value as ListedState | "all" };
          }}
        >
          <option value="all">All states</option>
          {states.map((state) => (
            <option key={state} value={state}>
              {words[state]}
            </option>
          ))}
        </select>
        <p class="total">
          {shown.length === total ? plural(total, "image") : `${whole(shown.length)} of ${whole(total)} images`}
        </p>
      </div>
      <ul>
        {shown.map((image) => (
          <Item key={image.id} image={image} />
        ))}
      </ul>
      {total > 0 && shown.length === 0 && <p class="empty">No image matches the filter.</p>}
    </nav>
  );
}
