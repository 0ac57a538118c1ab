// One of a few: radio buttons that look like a row of buttons.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Shape<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly (readonly [T, ComponentChildren, string?])[];
  readonly choose: (value: T) => void;
  /** Two a row. */
  readonly grid?: boolean;
  readonly disabled?: boolean;
}

export function Choice<T extends string>({ label, value, choices, choose, grid, disabled }: Shape<T>) {
  const name = useId();
  return (
    <div class={grid ? "choice grid" : "choice"} role="radiogroup" aria-label={label}>
      {choices.map(([one, words, title]) => (
        <label key={one} title={title} class={one === value ? "on" : ""}>
          <input type="radio" name={name} value={one} checked={one === value} disabled={disabled} onChange={() => choose(one)} />
          <span>{words}</span>
        </label>
      ))}
    </div>
  );
}
