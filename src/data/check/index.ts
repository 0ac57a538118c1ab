// All checks of `data check`, a row each. What is odd need not be wrong: nothing is changed and nothing is refused.

import { blankPictures } from "./blank-pictures.ts";
import { boxSizes } from "./box-sizes.ts";
import { closeCells } from "./close-cells.ts";
import { colours } from "./colours.ts";
import { duplicates } from "./duplicates.ts";
import { emptyImages } from "./empty-images.ts";
import { hiddenMarks } from "./hidden.ts";
import { ignoredImages, ignoredMarks } from "./ignored.ts";
import { imageFiles } from "./image-files.ts";
import { imageSizes } from "./image-sizes.ts";
import { labels } from "./labels.ts";
import { nearDuplicates } from "./near-duplicates.ts";
import { outsideImage } from "./outside-image.ts";
import { rareClasses } from "./rare-classes.ts";
import { sharedSlides } from "./shared-slides.ts";
import type { Check, Oddity, Subject } from "./subject.ts";

export const checks = {
  unreadable: { title: "what cannot be read", find: ({ faults }) => faults },
  "image-files": imageFiles,
  "box-sizes": boxSizes,
  "outside-image": outsideImage,
  duplicates,
  "near-duplicates": nearDuplicates,
  "close-cells": closeCells,
  labels,
  "rare-classes": rareClasses,
  "shared-slides": sharedSlides,
  "image-sizes": imageSizes,
  "blank-pictures": blankPictures,
  colours,
  "empty-images": emptyImages,
  "ignored-images": ignoredImages,
  "ignored-marks": ignoredMarks,
  hidden: hiddenMarks,
} as const satisfies { readonly [name: string]: Check };

export type CheckName = keyof typeof checks;

export interface Finding {
  readonly check: CheckName;
  readonly title: string;
  readonly oddities: readonly Oddity[];
}

/** What each check finds; checks that find nothing are left out. */
export function findOddities(subject: Subject): Finding[] {
  return Object.entries<Check>(checks).flatMap(([check, { title, find }]) => {
    const oddities = find(subject);
    return oddities.length === 0 ? [] : [{ check: check as CheckName, title, oddities }];
  });
}
