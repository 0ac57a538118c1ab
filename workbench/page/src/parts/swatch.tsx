// The look of a kind of thing, as the canvas draws it, for legends and buttons.

const shapes = {
  marks: <circle cx="9" cy="9" r="5.5" />,
  box: <rect x="3.5" y="3.5" width="11" height="11" />,
  detections: <path d="M3 7V3h4M11 3h4v4M15 11v4h-4M7 15H3v-4" />,
  suspects: <circle cx="9" cy="9" r="6" stroke-dasharray="3 2.4" />,
  denied: <path d="M9 2l7 7-7 7-7-7z" stroke-dasharray="3 2.4" />,
  hidden: <rect x="3.5" y="3.5" width="11" height="11" stroke-dasharray="1.5 2.2" />,
  not: <path d="M3.5 3.5h11v11h-11zM6 6l6 6M12 6l-6 6" />,
  complete: <path d="M2.5 4h13v10h-13z" />,
  ignore: <path d="M2.5 4h13v10h-13zM4 13l8-8.5M9 13.5l6-6.5" stroke-dasharray="6 2 1.5 2" />,
} as const;

export function Swatch({ kind, colour }: { kind: keyof typeof shapes; colour?: string }) {
  return (
    <svg class="swatch" viewBox="0 0 18 18" aria-hidden="true" style={colour ? { color: colour } : undefined}>
      {shapes[kind]}
    </svg>
  );
}
