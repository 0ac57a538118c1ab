// Boxes Density Energy on plain numbers (Li et al. 2021, Eqs 5 to 8): how much a crowd of boxes lowers the weight of a
// background label. No detector, no tensor.
//
//   node examples/energy-of-boxes.mjs      0.1 s

import { boxesDensity, boxesEnergy } from "sparsecell";

const centers = [
  [10, 10],
  [12, 10], // two boxes on one cell
  [90, 80], // one by itself
];

const density = boxesDensity(centers); // mean Manhattan distance to all boxes of the image
const energy = boxesEnergy(centers); // over the largest distance: 0 to 1
centers.forEach(([x, y], i) => {
  console.log(`box at ${x} ${y}: density ${density[i].toFixed(1)}, energy ${energy[i].toFixed(3)}`);
});
