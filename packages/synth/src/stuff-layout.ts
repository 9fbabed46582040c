import { makeLattice, sampleLattice } from './noise.js';
import type { Prng } from '@maskloom/core';
import { sin } from './trig.js';
import { STUFF, stuffCategory, type StuffName } from './vocabulary.js';

/** Which stuff lies where: `labels` is row-major, values are stuff ids 11..16. */
export interface StuffLayout {
  readonly stuff: readonly StuffName[];
  readonly labels: Uint8Array;
}

/** Draws 2 to 4 kinds of stuff as wavy bands (65 %) or as blobs on one ground (35 %). */
export function layoutStuff(prng: Prng, width: number, height: number): StuffLayout {
  const stuff = prng.shuffled(STUFF).slice(0, 2 + prng.int(3));
  const labels = new Uint8Array(width * height);
  if (prng.chance(0.65)) fillBands(prng, stuff, labels, width, height);
  else fillBlobs(prng, stuff, labels, width, height);
  return { stuff, labels };
}

function fillBands(prng: Prng, stuff: StuffName[], labels: Uint8Array, width: number, height: number): void {
  const flat = prng.chance(0.75);
  const along = flat ? width : height;
  const across = flat ? height : width;
  const sky = stuff.indexOf('sky');
  if (flat && sky > 0 && prng.chance(0.7)) stuff.unshift(...stuff.splice(sky, 1));
  const edges = stuff.slice(1).map((_, i) => {
    const base = (across * (i + 1 + prng.between(-0.25, 0.25))) / stuff.length;
    const swing = across * prng.between(0.02, 0.07);
    const pace = 6.283185307179586 / (along * prng.between(0.35, 1.1));
    const phase = prng.between(0, 6.28);
    const edge = new Float64Array(along);
    for (let t = 0; t < along; t++) {
      edge[t] = base + swing * (sin(pace * t + phase) + 0.35 * sin(pace * 2.7 * t + 2 * phase));
    }
    return edge;
  });
  const [first = new Float64Array(along), second, third] = edges;
  const ids = stuff.map(stuffCategory);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const t = flat ? x : y;
      const s = flat ? y : x;
      let band = s >= (first[t] as number) ? 1 : 0;
      if (second !== undefined && s >= (second[t] as number)) band++;
      if (third !== undefined && s >= (third[t] as number)) band++;
      labels[y * width + x] = ids[band] as number;
    }
  }
}

function fillBlobs(prng: Prng, stuff: StuffName[], labels: Uint8Array, width: number, height: number): void {
  labels.fill(stuffCategory(stuff[0] ?? 'grass'));
  const scale = Math.min(width, height) / 128;
  const wobble = makeLattice(prng, width, height, 14 * scale, 14 * scale);
  for (const name of stuff.slice(1)) {
    const id = stuffCategory(name);
    for (let blobs = 1 + prng.int(2); blobs > 0; blobs--) {
      const cx = prng.between(0.1, 0.9) * width;
      const cy = prng.between(0.1, 0.9) * height;
      const a = prng.between(22, 46) * scale;
      const b = prng.between(18, 38) * scale;
      const left = Math.max(0, Math.floor(cx - 1.25 * a));
      const right = Math.min(width - 1, Math.ceil(cx + 1.25 * a));
      const top = Math.max(0, Math.floor(cy - 1.25 * b));
      const bottom = Math.min(height - 1, Math.ceil(cy + 1.25 * b));
      for (let y = top; y <= bottom; y++) {
        for (let x = left; x <= right; x++) {
          const u = (x - cx) / a;
          const v = (y - cy) / b;
          if (u * u + v * v + sampleLattice(wobble, x, y) * 0.0035 < 1) labels[y * width + x] = id;
        }
      }
    }
  }
}
