// What a format's reader gives, as `data check` examines it.

import { at, type Oddity, type Subject, type SubjectImage } from "../data/check/subject.ts";
import { withoutExtension } from "../files/file-name-index.ts";
import type { Region } from "../geometry/region.ts";
import { UNLABELLED } from "./categories.ts";
import { boundsOf } from "./marks.ts";
import { type RegionClasses, regionOfClass, regionOfMark } from "./regions.ts";
import type { Mark, Source, SourceImage } from "./source.ts";

export interface CheckSourceOptions extends RegionClasses {
  /** The side of the box around a point, in pixels. */
  readonly box: number;
  readonly groupPattern?: RegExp;
}

export function sourceSubject(source: Source, options: CheckSourceOptions): Subject {
  const faults: Oddity[] = source.images.flatMap(({ name, unread = [] }) =>
    unread.map((mark) => at(mark, `${mark.kind} on "${name}"`)),
  );
  const { count, first } = source.faulty ?? { count: 0, first: [] };
  faults.push(...first.map(faultOf));
  if (count > first.length)
    faults.push({ file: faults[faults.length - 1].file, line: 0, text: `${count - first.length} more marks are faulty` });
  const images = source.images.filter(({ unlabelled }) => !unlabelled);
  return { images: images.map((image) => imageOf(image, options)), faults };
}

/** "file:line: what". */
function faultOf(message: string): Oddity {
  const [, file, line, text] = /^(.*?):(\d+): (.*)$/s.exec(message) ?? ["", "", "0", message];
  return { file, line: Number(line), text };
}

function imageOf(image: SourceImage, { box, groupPattern, ...classes }: CheckSourceOptions): SubjectImage {
  const regions: Region[] = [];
  const cells: Mark[] = [];
  for (const mark of image.marks) {
    const kind = mark.region ?? regionOfClass(mark.label, classes);
    if (kind === undefined) cells.push(mark);
    else regions.push(regionOfMark(mark, kind));
  }
  const match = groupPattern?.exec(image.name);
  return {
    name: image.name,
    size: image.size ?? null,
    group: match?.[1] || match?.[0] || image.group || withoutExtension(image.name),
    split: image.split ?? null,
    regions,
    marks: cells.map((mark) => ({
      box: boundsOf(mark.place, box),
      label: mark.label ?? UNLABELLED,
      hidden: false,
      file: mark.file,
      get line() {
        return mark.line;
      },
    })),
    picture: null,
    file: image.file,
    get line() {
      return image.line;
    },
  };
}
