// Test images of which training has seen the slide: the same group, the same name up to a tile's number, or the same file.

import { withoutExtension } from "../../files/file-name-index.ts";
import { at, type Check, type SubjectImage } from "./subject.ts";

export const sharedSlides: Check = {
  title: "test images that may share a slide with training images",
  find: ({ images }) => {
    const training = images.filter(({ split }) => split === "train");
    const names = new Set(images.map(({ name }) => slideOf(name)));
    const first = (key: (image: SubjectImage) => string | null | undefined) => {
      const known = new Map<string, SubjectImage>();
      for (const image of training) {
        const value = key(image);
        if (value && !known.has(value)) known.set(value, image);
      }
      return (image: SubjectImage): SubjectImage | undefined => known.get(key(image) ?? "");
    };
    const sameFile = first(({ picture }) => picture?.digest);
    const sameGroup = first(({ group }) => group);
    const sameSlide = first(({ name }) => slideOf(name));
    return images.flatMap((image) => {
      if (image.split !== "test") return [];
      const [file, group, slide] = [sameFile(image), sameGroup(image), names.size > 1 ? sameSlide(image) : undefined];
      const other = file ?? group ?? slide;
      if (other === undefined) return [];
      const why = file ? "is the same file as" : group ? `has the group "${image.group}" of` : "has a name like";
      return [at(image, `"${image.name}" ${why} the training image "${other.name}"`)];
    });
  },
};

/** "case12_tile3_x512.png" → "case12"; null where nothing but a tile's number tells names apart, or no number is left. */
function slideOf(name: string): string | null {
  const stem = withoutExtension(name);
  const slide = stem.replace(/(?:[_\-. ]+(?:x|y|r|c|row|col|tile|patch|crop|roi|fov)?[_\- ]?\d+)+$/i, "");
  return slide !== stem && /\d/.test(slide) ? slide : null;
}
