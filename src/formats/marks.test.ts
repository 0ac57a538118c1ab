import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { UserError } from "../errors.ts";
import { placeMarks } from "./marks.ts";
import type { Mark, Place } from "./source.ts";

const image = { fileName: "a.png", width: 100, height: 60 };
const along = fc.oneof(
  fc.integer({ min: -20, max: 120 }),
  fc.double({ min: -20, max: 120, noNaN: true }),
  fc.constant(Number.NaN),
);
const places: fc.Arbitrary<Place> = fc.oneof(
  fc.tuple(along, along).map(([x, y]): Place => ({ kind: "point", x, y })),
  fc.tuple(along, along, along, along).map((box): Place => ({ kind: "box", box })),
  fc.tuple(along, along, along, along, along, along).map((ring): Place => ({ kind: "outline", rings: [ring] })),
);
const labels = fc.constantFrom(null, "cell", "roi");
const marks = fc.array(
  fc
    .tuple(places, labels, fc.integer({ min: 1, max: 99 }))
    .map(([place, label, line]): Mark => ({ place, label, file: "a.xml", line })),
  { maxLength: 30 },
);

test("every mark is kept or counted, and every kept box is inside the image", () => {
  fc.assert(
    fc.property(fc.array(marks, { maxLength: 2 }), fc.integer({ min: 1, max: 40 }), (lists, box) => {
      const all = [...lists.flat(), ...(lists[0] ?? [])]; // some twice
      const { boxes, regions, clipped, duplicate, outsideImage, empty } = placeMarks(all, image, { box, dropInvalid: true });
      assert.equal(boxes.length + regions.length + duplicate + outsideImage + empty, all.length);
      assert.ok(clipped <= boxes.length);
      for (const { box } of boxes) {
        const [x1, y1, x2, y2] = box;
        assert.ok(0 <= x1 && x1 < x2 && x2 <= image.width && 0 <= y1 && y1 < y2 && y2 <= image.height, `${box}`);
      }
    }),
  );
});

test("a single invalid mark stops the import, unless invalid marks are dropped", () => {
  fc.assert(
    fc.property(marks, (list) => {
      const { outsideImage, empty } = placeMarks(list, image, { box: 10, dropInvalid: true });
      const place = () => placeMarks(list, image, { box: 10 });
      if (outsideImage + empty === 0) place();
      else
        assert.throws(place, (error) => {
          assert.ok(error instanceof UserError);
          return /^a\.xml:\d+: .*, or drop invalid items with --drop-invalid$/.test(error.message);
        });
    }),
  );
});
