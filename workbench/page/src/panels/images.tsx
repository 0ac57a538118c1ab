// The list of images: a picture, what is marked and found, how far it is.

import { computed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ImageFacts, ImageState } from "../../../src/api.ts";
import { plural, stateWords, whole } from "../parts/format.ts";
import { Swatch } from "../parts/swatch.tsx";
import { countsOf } from "../state/detections.ts";
import { images, markCounts, stateOf } from "../state/project.ts";
import { filter, imageId, openImage, score, shownRound } from "../state/view.ts";

export const filtered = computed(() => {
  const { text, state } = filter.value;
  const wanted = text.trim().toLowerCase();
  return images.value.filter(({ id, name }) => name.toLowerCase().includes(wanted) && (state === "all" || stateOf(id) === state));
});

const states: readonly ImageState[] = ["untouched", "marking", "complete", "test"];

function Item({ image }: { image: ImageFacts }) {
  const place = useRef<HTMLButtonElement>(null);
  const open = imageId.value === image.id;
  useEffect(() => {
    if (open) place.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [open]);
  const state = stateOf(image.id);
  const marked = markCounts.value.get(image.id);
  const found = countsOf(shownRound.value?.number, image.id, score.value)?.reduce((sum, count) => sum + count, 0);
  const cut = image.name.lastIndexOf("/") + 1;
  return (
    <li>
      <button
        ref={place}
        type="button"
        class="image"
        aria-current={open ? "true" : undefined}
        title={image.problem ?? image.name}
        onClick={() => openImage(image.id)}
      >
        <img src={`/api/v1/images/${image.id}/thumbnail.jpg`} alt="" loading="lazy" decoding="async" />
        <span class="about">
          <span class="name">{image.name.slice(cut)}</span>
          <span class="counts">
            <Count kind="marks" count={marked} word="marked" />
            <Count kind="detections" count={found} word="found" />
          </span>
          <span class={`state ${state}`}>
            <i aria-hidden="true" />
            {image.problem ? "Cannot be used" : stateWords[state]}
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
  const shown = filtered.value;
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
            filter.value = { ...filter.value, state: event.currentTarget.value as ImageState | "all" };
          }}
        >
          <option value="all">All states</option>
          {states.map((state) => (
            <option key={state} value={state}>
              {stateWords[state]}
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
