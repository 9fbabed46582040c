import { WeightedSums } from '../measure/weighted-sums.js';
import type { ConfusionPart } from './confusion.js';

/** Pixels of each class, [class, (intersection, truth, prediction)], and last a group in which every image has 1. */
export function classAreas(parts: readonly ConfusionPart[], classes: number): WeightedSums {
  // Of one image: its areas, and the places of those that are not 0.
  const areas = new Float64Array(3 * classes);
  const found = new Int32Array(3 * classes);
  return new WeightedSums(3 * classes + 1, parts.length, (image, add) => {
    let count = 0;
    const addTo = (group: number, pixels: number): void => {
      if (areas[group] === 0) found[count++] = group;
      areas[group]! += pixels;
    };
    const part = parts[image]!;
    for (let i = 0; i + 2 < part.length; i += 3) {
      const [truth, prediction, pixels] = [part[i]!, part[i + 1]!, part[i + 2]!];
      if (pixels === 0) continue;
      addTo(3 * truth + 1, pixels);
      if (prediction < classes) addTo(3 * prediction + 2, pixels);
      if (prediction === truth) addTo(3 * truth, pixels);
    }
    for (let k = 0; k < count; k++) {
      const group = found[k]!;
      add(group, areas[group]!);
      areas[group] = 0;
    }
    add(3 * classes, 1);
  });
}
