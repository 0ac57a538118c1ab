// A part of the page that scrolls by itself; the keyboard can scroll it, too.

import type { ComponentChildren } from "preact";

export function Scroll({
  label,
  class: look = "scroll",
  children,
}: {
  label: string;
  class?: string;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus no key would scroll it
    <section class={look} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
