// Colour in the space of stains. Light that has passed a section is a matter of optical densities (Beer–Lambert), which add up
// from stain to stain. Of each pixel the densities are unmixed to haematoxylin, eosin and DAB with the vectors of Ruifrok &
// Johnston ("Quantification of histochemical staining by color deconvolution", Anal Quant Cytol Histol 23, 2001), the amount of
// each stain is scaled and shifted as by Tellez et al. ("Whole-slide mitosis detection in H&E breast histology using PHH3 as a
// reference", IEEE Trans Med Imaging 37, 2018), and all is mixed again. The three steps are one affine map of densities.

import type { ImageAugmentation } from "./augmentation.ts";

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Optical density in red, green and blue: of haematoxylin, eosin, DAB. */
const STAINS: Matrix = [unit([0.65, 0.7, 0.29]), unit([0.07, 0.99, 0.11]), unit([0.27, 0.57, 0.78])];
const UNMIXING = inverse(STAINS);

interface StainChange {
  /** Factors on the amounts of haematoxylin, eosin and DAB. */
  readonly factors: Triple;
  /** Added to the amounts: optical density, base 10. */
  readonly shifts: Triple;
}

export const stain: ImageAugmentation<StainChange> = {
  name: "stain",
  about: "haematoxylin, eosin and DAB each times 0.8 to 1.2, plus an optical density of -0.05 to 0.05",
  draw(random, strength) {
    const three = (limit: number): Triple => {
      const one = () => strength * random.uniform(-limit, limit);
      return [one(), one(), one()];
    };
    const [scales, shifts] = [three(0.2), three(0.05)];
    return strength === 0 ? null : { factors: [1 + scales[0], 1 + scales[1], 1 + scales[2]], shifts };
  },
  apply({ width, height, data }, { factors, shifts }) {
    const [m, [c0, c1, c2]] = [UNMIXING.map((row) => mixed(row.map((value, k) => value * factors[k]))), mixed(shifts)];
    const [[rr, rg, rb], [gr, gg, gb], [br, bg, bb]] = m;
    const result = new Uint8Array(data.length);
    for (let i = 0; i < data.length; i += 3) {
      const r = DENSITIES[data[i]];
      const g = DENSITIES[data[i + 1]];
      const b = DENSITIES[data[i + 2]];
      result[i] = level(rr * r + gr * g + br * b + c0);
      result[i + 1] = level(rg * r + gg * g + bg * b + c1);
      result[i + 2] = level(rb * r + gb * g + bb * b + c2);
    }
    return { width, height, data: result };
  },
};

/** The optical density (base 10) of each value. They are counted from 1 to 256, so that black has one: 2.4. */
export const DENSITIES = Float64Array.from({ length: 256 }, (_, value) => -Math.log10((value + 1) / 256));

const STEPS = 2000; // of the table, for a density of 1: fine enough that an unchanged density gives the value it came from
// It reaches a little beyond the density of black.
const LEVELS = Uint8Array.from({ length: 2.45 * STEPS }, (_, i) => Math.max(0, Math.round(256 * 10 ** (-i / STEPS) - 1)));

function level(density: number): number {
  const i = (density * STEPS + 0.5) | 0; // rounded where it is positive
  return i <= 0 ? 255 : i < LEVELS.length ? LEVELS[i] : 0;
}

/** Densities in red, green and blue of amounts of the three stains. */
function mixed([h, e, d]: readonly number[]): Triple {
  const channel = (c: number) => h * STAINS[0][c] + e * STAINS[1][c] + d * STAINS[2][c];
  return [channel(0), channel(1), channel(2)];
}

function unit(vector: Triple): Triple {
  const length = Math.hypot(...vector);
  return [vector[0] / length, vector[1] / length, vector[2] / length];
}

/** By Cramer's rule. */
function inverse([a, b, c]: Matrix): Matrix {
  const columns = [cross(b, c), cross(c, a), cross(a, b)];
  const determinant = a[0] * columns[0][0] + a[1] * columns[0][1] + a[2] * columns[0][2];
  const row = (k: number): Triple => [columns[0][k] / determinant, columns[1][k] / determinant, columns[2][k] / determinant];
  return [row(0), row(1), row(2)];
}

function cross(a: Triple, b: Triple): Triple {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
