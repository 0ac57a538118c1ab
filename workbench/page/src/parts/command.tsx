// A button of a command: its tooltip names the key.

import type { ComponentChildren } from "preact";
import { type Command, type CommandName, commands, shownKey } from "../keys.ts";
import { Icon, type IconName } from "./icons.tsx";

interface Look {
  readonly name: CommandName;
  readonly icon?: IconName;
  /** In place of the icon alone. */
  readonly children?: ComponentChildren;
  /** For a switch: whether it is on. */
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly class?: string;
  readonly showKey?: boolean;
}

export function CommandButton({ name, icon, children, pressed, disabled, class: look = "tool", showKey }: Look) {
  const { label, keys, run }: Command = commands[name];
  const [key] = keys;
  return (
    <button
      type="button"
      class={look}
      title={`${label} (${shownKey(key)})`}
      aria-label={children ? undefined : label}
      aria-keyshortcuts={shortcut(key)}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={run}
    >
      {icon && <Icon name={icon} />}
      {children && <span>{children}</span>}
      {showKey && <Key name={key} />}
    </button>
  );
}

export function Key({ name }: { name: string }) {
  return (
    <span class="key" aria-hidden="true">
      {shownKey(name)}
    </span>
  );
}

/** As the ARIA attribute wants it. */
const shortcut = (key: string): string =>
  key === "+"
    ? "Plus"
    : key
        .split("+")
        .map((part) => ({ ctrl: "Control", shift: "Shift", alt: "Alt" })[part] ?? part)
        .join("+");
