import { decodeMask, encodeMask } from '@maskloom/masks';
import type { DecodedMasks } from '../../domain/mask-set.js';
import type { Segment } from '../../domain/prediction.js';
import { must, mustEqual, mustLieWithin } from '../expectations.js';
import type { Fixture } from '../fixture.js';
import { probe } from '../probe.js';

/** The contract of segments: masks of the image's size, areas and boxes that fit them, scores 0..1. */
export function checkSegments(segments: readonly Segment[], at: Fixture): void {
  const { width, height } = at.image;
  segments.forEach(({ mask, area, bbox, score }, i) => {
    mustEqual(mask.size, [height, width], `segment ${i}'s size`);
    const { pixels } = decodeMask(mask);
    let count = 0;
    let [left, top, right, bottom] = [width, height, -1, -1];
    pixels.forEach((pixel, p) => {
      if (pixel === 0) return;
      const [x, y] = [p % width, Math.floor(p / width)];
      count++;
      [left, top, right, bottom] = [
        Math.min(left, x),
        Math.min(top, y),
        Math.max(right, x),
        Math.max(bottom, y),
      ];
    });
    must(area === count, `Segment ${i} says area ${area}; its mask has ${count} pixels.`);
    mustEqual(
      bbox,
      count === 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1],
      `segment ${i}'s box`,
    );
    mustLieWithin([score], 0, 1, `segment ${i}'s score`);
  });
}

/** Two overlapping discs, and a mask without a positive logit. */
function decoded(at: Fixture, count: number): DecodedMasks {
  const side = at.sizes.mask;
  const logits = Float32Array.from({ length: count * side * side }, (_, i) => {
    const n = Math.floor(i / (side * side));
    const [x, y] = [i % side, Math.floor(i / side) % side];
    return n === 2 ? -4 : side / 5 - Math.hypot(x - side / 4, y - side / 4 - n);
  });
  const quality = Float32Array.from({ length: count }, (_, n) => 0.9 - n / 10);
  return at.keep({ logits, count, width: side, height: side, quality, transform: at.samTransform() });
}

/** Probe of the slot Assembler. */
export const assemblerProbe = probe('Assembler', {
  call: (stage, at, run) =>
    stage.assemble(
      decoded(at, 3),
      at.keep([{ label: 'a' }, { label: 'b', score: 0.5 }, { label: 'c' }]),
      run,
    ),
  check(segments, _stage, at) {
    must(segments.length <= 3, `${segments.length} segments of three masks.`);
    for (const { label } of segments)
      must(['a', 'b', 'c'].includes(label), `'${label}' is not a label that was given.`);
    checkSegments(segments, at);
  },
  extra: {
    'makes no segments of no masks': async (stage, at, run) =>
      mustEqual(await stage.assemble(decoded(at, 0), [], run), [], 'the segments of no masks'),
  },
});

/** Probe of the slot Refiner. */
export const refinerProbe = probe('Refiner', {
  call(stage, at, run) {
    const { width, height } = at.image;
    const pixels = new Uint8Array(width * height);
    pixels.fill(1, 0, width * 2);
    const segment: Segment = {
      label: 'a',
      score: 0.5,
      bbox: [0, 0, width, 2],
      area: width * 2,
      mask: encodeMask(pixels, width, height),
    };
    const request = { task: 'referring', text: 'the a' } as const;
    const prediction = at.keep({
      system: 'fake',
      recipe: 'fake',
      request,
      answer: '',
      segments: [segment],
      stages: [],
      warnings: [],
    });
    return stage.refine(at.image, prediction, at.keep({ say: 'it is incomplete', segment: 0 }), run);
  },
  check: (prediction, _stage, at) => checkSegments(prediction.segments, at),
});
