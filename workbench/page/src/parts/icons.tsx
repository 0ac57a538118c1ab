// Line drawings of 20 × 20 units, in the colour of the text.

const paths = {
  move: "M10 3v14M3 10h14M10 3l-2 2m2-2 2 2M10 17l-2-2m2 2 2-2M3 10l2-2m-2 2 2 2M17 10l-2-2m2 2-2 2",
  point: "M10 4.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M10 9.2v1.6M9.2 10h1.6",
  box: "M4 5h12v10H4z",
  region: "M4 3H3v2M8 3h4M16 3h1v2M17 8v4M17 15v2h-1M12 17H8M4 17H3v-2M3 12V8",
  polygon: "M4 7l6-4 6 5-2 8H6z",
  undo: "M7 4 3.5 7.5 7 11M4 7.5h8a4.5 4.5 0 0 1 0 9H8",
  redo: "M13 4l3.5 3.5L13 11M16 7.5H8a4.5 4.5 0 0 0 0 9h4",
  delete: "M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6M8.7 9v4.5M11.3 9v4.5",
  not: "M4 4h12v12H4zM6.5 6.5l7 7M13.5 6.5l-7 7",
  marks: "M10 4a6 6 0 1 0 0 12a6 6 0 1 0 0-12M10 9.5v1M9.5 10h1",
  detections: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
  suspects:
    "M10 3.5a6.5 6.5 0 0 1 4.6 1.9M16.5 10a6.5 6.5 0 0 1-1.9 4.6M10 16.5a6.5 6.5 0 0 1-4.6-1.9M3.5 10a6.5 6.5 0 0 1 1.9-4.6M8.5 8.2a1.6 1.6 0 1 1 2.3 1.4c-.6.3-.8.6-.8 1.3M10 13.1v.1",
  regions: "M3 3h14v14H3zM3 10l7-7M3 17 17 3M10 17l7-7",
  names: "M4 5.5V4h12v1.5M10 4v12M8 16h4",
  compare: "M3 4h14v12H3zM10 4v12",
  light:
    "M10 6.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M15.7 4.3l-1.4 1.4M5.7 14.3l-1.4 1.4",
  dark: "M16 12.5A7 7 0 1 1 7.5 4a5.5 5.5 0 0 0 8.5 8.5z",
  system: "M3 4h14v9H3zM7 16.5h6M10 13v3.5",
  keys: "M2.5 5.5h15v9h-15zM5 8.5h.1M8 8.5h.1M11 8.5h.1M14.5 8.5h.1M6.5 11.5h7",
  export: "M10 3v9M6.5 8.5 10 12l3.5-3.5M4 14v3h12v-3",
  next: "M8 5l5 5-5 5",
  previous: "M12 5l-5 5 5 5",
  pause: "M7 5v10M13 5v10",
  stop: "M5.5 5.5h9v9h-9z",
  play: "M7 4.5v11l8.5-5.5z",
  close: "M5 5l10 10M15 5 5 15",
  home: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4M8 8h4v4H8z",
  zoomIn: "M9 4a5 5 0 1 0 0 10a5 5 0 1 0 0-10M12.7 12.7 17 17M9 7v4M7 9h4",
  zoomOut: "M9 4a5 5 0 1 0 0 10a5 5 0 1 0 0-10M12.7 12.7 17 17M7 9h4",
  plus: "M10 4v12M4 10h12",
  check: "M4 10.5l4 4 8-9",
  unsure: "M7 7.5a3 3 0 1 1 4.5 2.6c-1.1.6-1.5 1.2-1.5 2.4M10 15.5v.1",
  warning: "M10 3 18 17H2zM10 8v4M10 14.5v.1",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
