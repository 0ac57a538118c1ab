// Pictures of the same windows after every measurement of a training; a slider goes through them.

import { useSignal } from "@preact/signals";
import type { WindowPicture } from "../../../src/api.ts";
import { whole } from "./format.ts";

export function Windows({ pictures, folder }: { pictures: readonly WindowPicture[]; folder: string }) {
  const steps = [...new Set(pictures.map(({ step }) => step))].sort((a, b) => a - b);
  /** null: the last one, also when another comes. */
  const chosen = useSignal<number | null>(null);
  const step = steps.includes(chosen.value ?? -1) ? chosen.value! : (steps.at(-1) ?? 0);
  return (
    <div class="pictures">
      <label class="field">
        <span>
          What it finds at <b>step {whole(step)}</b>
        </span>
        <input
          type="range"
          min="0"
          max={Math.max(0, steps.length - 1)}
          step="1"
          disabled={steps.length < 2}
          value={steps.indexOf(step)}
          aria-valuetext={`step ${step}`}
          onInput={(event) => {
            const at = Number(event.currentTarget.value);
            chosen.value = at === steps.length - 1 ? null : steps[at];
          }}
        />
      </label>
      <div class="windows">
        {pictures
          .filter((picture) => picture.step === step)
          .map(({ file, image }) => (
            <img
              key={file}
              src={`${folder}/${encodeURIComponent(file)}`}
              alt={`A window of ${image} at step ${step}, with what the model finds`}
            />
          ))}
      </div>
    </div>
  );
}
