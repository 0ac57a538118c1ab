// A round length that is 60 to 160 pixels long on the screen.

export interface ScaleBar {
  readonly label: string;
  /** Pixels of CSS. */
  readonly length: number;
}

/** `scale` is the pixels of CSS for one of the image. */
export function scaleBar(scale: number, mpp: number | null): ScaleBar {
  const perPixel = mpp ?? 1;
  const most = (160 / scale) * perPixel;
  const ten = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * ten).find((step) => step <= most)!;
  const label = mpp === null ? `${length} px` : length >= 1000 ? `${length / 1000} mm` : `${length} µm`;
  return { label, length: (length / perPixel) * scale };
}
