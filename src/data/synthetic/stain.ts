// Turns a stained section into a picture: the Beer–Lambert law with the stain vectors of Ruifrok & Johnston
// ("Quantification of histochemical staining by color deconvolution", Anal Quant Cytol Histol 23, 2001; eosin as in the
// H&E set of Fiji's Colour Deconvolution, https://imagej.net/plugins/colour-deconvolution), then lens and camera.
// Concentrations are optical densities (base 10) along a unit vector: an ordinary blue nucleus has 0.5, a strong brown one 1.

import type { Random } from "../../random.ts";

/** Concentrations of the two stains of a section, one value for each pixel, row by row. */
export interface Section {
  readonly width: number;
  readonly height: number;
  readonly hematoxylin: Float32Array;
  /** Eosin (H&E) or DAB (immunohistochemistry). */
  readonly second: Float32Array;
}

type Rgb = readonly [red: number, green: number, blue: number];

/** Ki-67 immunohistochemistry (hematoxylin and DAB), or mitoses in hematoxylin and eosin. */
export type SyntheticKind = "ki67" | "mitosis";

/** What all images of a slide share: its chemistry and the microscope. */
export interface Stain {
  /** Unit vectors of optical density. */
  readonly hematoxylin: Rgb;
  readonly second: Rgb;
  /** Factors on the concentrations. */
  readonly strength: readonly [hematoxylin: number, second: number];
  /** Background concentration of the second stain all over the section. */
  readonly haze: number;
  /** Intensity of the empty slide, 0 to 255. */
  readonly light: Rgb;
  /** Relative loss of light in the corners. */
  readonly vignette: number;
  /** Standard deviation of the lens blur in pixels. */
  readonly blur: number;
  /** Standard deviation of the camera's noise, in levels of 255. */
  readonly noise: number;
}

const HEMATOXYLIN: Rgb = [0.65, 0.7, 0.29];
const SECOND: { readonly [kind in SyntheticKind]: Rgb } = { ki67: [0.27, 0.57, 0.78], mitosis: [0.09, 0.95, 0.28] };

/**
 * The stain of a new slide: laboratory, batch, scanner.
 *
 * @example
 * const random = new Random(1);
 * synthesizePatch({ kind: "ki67", width: 256, height: 256, random, stain: randomStain("ki67", random) });
 */
export function randomStain(kind: SyntheticKind, random: Random): Stain {
  const light = random.uniform(236, 250);
  return {
    hematoxylin: jitter(HEMATOXYLIN, 0.03, random),
    second: jitter(SECOND[kind], 0.025, random),
    strength: [Math.exp(random.normal(0, 0.13)), Math.exp(random.normal(0, 0.13))],
    haze: kind === "ki67" ? random.uniform(0, 0.035) : random.uniform(0, 0.02),
    light: [light + random.uniform(-3, 3), light + random.uniform(-3, 3), light + random.uniform(-4, 3)],
    vignette: random.uniform(0, 0.06),
    blur: random.uniform(0.5, 0.95),
    noise: random.uniform(1, 2.4),
  };
}

function jitter(vector: Rgb, deviation: number, random: Random): Rgb {
  const [r, g, b] = vector.map((value) => Math.max(0.02, value + random.normal(0, deviation)));
  const norm = Math.hypot(r, g, b);
  return [r / norm, g / norm, b / norm];
}

/** The picture of a section: [height × width × 3] bytes, red first. The section's own arrays are blurred in place. */
export function develop(section: Section, options: { stain: Stain; random: Random }): Uint8Array {
  const { stain, random } = options;
  const { width, height, hematoxylin, second } = section;
  blur(section, hematoxylin, stain.blur);
  blur(section, second, stain.blur);
  const [first, other] = [stain.hematoxylin, stain.second].map((vector, i) =>
    vector.map((value) => -Math.LN10 * value * stain.strength[i]),
  );
  const noise = Float32Array.from({ length: 1024 }, () => random.normal(0, stain.noise));
  const [tiltX, tiltY] = [random.uniform(-0.03, 0.03), random.uniform(-0.03, 0.03)];
  const rgb = new Uint8Array(width * height * 3);
  for (let row = 0, pixel = 0; row < height; row++) {
    const v = (2 * row) / height - 1;
    for (let column = 0; column < width; column++, pixel++) {
      const u = (2 * column) / width - 1;
      const light = 1 + tiltX * u + tiltY * v - (stain.vignette / 2) * (u * u + v * v);
      const a = hematoxylin[pixel];
      const b = second[pixel] + stain.haze;
      // One random word is enough for three draws from the table of normal numbers.
      const draw = random.uint32();
      for (let channel = 0; channel < 3; channel++) {
        const seen = light * stain.light[channel] * Math.exp(first[channel] * a + other[channel] * b);
        const level = seen + noise[(draw >>> (10 * channel)) & 1023];
        rgb[pixel * 3 + channel] = level < 0 ? 0 : level > 255 ? 255 : level + 0.5;
      }
    }
  }
  return rgb;
}

/** Gaussian blur in place, `deviation` in pixels (below 1.5); the border repeats. */
function blur(size: { width: number; height: number }, values: Float32Array, deviation: number): void {
  const { width, height } = size;
  const [w0, w1, w2] = [0, 1, 2].map((distance) => Math.exp(-(distance * distance) / (2 * deviation * deviation)));
  const sum = w0 + 2 * w1 + 2 * w2;
  const [near, middle, far] = [w0 / sum, w1 / sum, w2 / sum];
  const line = new Float32Array(Math.max(width, height) + 4);
  const along = (start: number, step: number, length: number) => {
    for (let i = 0; i < length; i++) line[i + 2] = values[start + i * step];
    line[0] = line[1] = line[2];
    line[length + 2] = line[length + 3] = line[length + 1];
    for (let i = 0; i < length; i++) {
      values[start + i * step] = near * line[i + 2] + middle * (line[i + 1] + line[i + 3]) + far * (line[i] + line[i + 4]);
    }
  };
  for (let row = 0; row < height; row++) along(row * width, 1, width);
  for (let column = 0; column < width; column++) along(column, width, height);
}
