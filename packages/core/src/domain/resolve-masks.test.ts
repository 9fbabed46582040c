import { encodeMask, maskBox, resizeBilinear } from '@maskloom/masks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostTensor } from './host-tensor.js';
import type { DecodedMasks } from './mask-set.js';
import { resolveMasks, resolveMasksInSlices } from './resolve-masks.js';

function decodedOf(
  logits: Float32Array,
  count: number,
  low: number,
  side: number,
  width: number,
  height: number,
): DecodedMasks {
  const scale = side / Math.max(width, height);
  const resized = {
    width: Math.max(1, Math.floor(width * scale + 0.5)),
    height: Math.max(1, Math.floor(height * scale + 0.5)),
  };
  return {
    logits,
    count,
    width: low,
    height: low,
    quality: new Float32Array(count),
    transform: {
      frame: 'SamPx',
      original: { width, height },
      resized,
      input: { width: side, height: side },
      scaleX: resized.width / width,
      scaleY: resized.height / height,
      offsetX: 0,
      offsetY: 0,
    },
  };
}

/** The plain way: two dense resizes, a crop, a threshold, an encoding. */
function densely({ logits, width, height, transform }: DecodedMasks, n: number, threshold: number) {
  const { original, resized, input } = transform;
  const full = resizeBilinear(
    { width, height, values: logits.subarray(n * width * height, (n + 1) * width * height) },
    input,
  );
  const cut = Float32Array.from(
    { length: resized.width * resized.height },
    (_, i) => full.values[Math.floor(i / resized.width) * input.width + (i % resized.width)] ?? 0,
  );
  const image = resizeBilinear({ ...resized, values: cut }, original);
  const pixels = Uint8Array.from(image.values, (value) => Number(value > threshold));
  return {
    rle: encodeMask(pixels, original.width, original.height),
    area: pixels.reduce((sum, pixel) => sum + pixel, 0),
  };
}

describe('resolveMasks', () => {
  it('gives what dense resizing, thresholding and encoding give', () => {
    const size = fc.integer({ min: 1, max: 40 });
    const value = fc.float({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        size,
        size,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 4, max: 24 }),
        fc.constantFrom(0, 0.5, -0.5),
        // From masks everywhere to a few cells.
        fc.constantFrom(0, 2, 2.9),
        fc.array(value, { minLength: 72, maxLength: 72 }),
        (width, height, low, side, threshold, less, values) => {
          const decoded = decodedOf(
            Float32Array.from(values.slice(0, 2 * low * low), (logit) => logit - less),
            2,
            low,
            side,
            width,
            height,
          );
          const { masks, areas, boxes, stability } = resolveMasks(decoded, { threshold, stabilityOffset: 1 });
          for (const n of [0, 1]) {
            const plain = densely(decoded, n, threshold);
            expect(masks[n]).toEqual(plain.rle);
            expect(areas[n]).toBe(plain.area);
            const [above, wide] = [threshold + 1, threshold - 1].map((cut) => densely(decoded, n, cut).area);
            expect(stability?.[n]).toBe(Math.fround(above! / wide!));
            expect((boxes[n] ?? []).every(Number.isInteger)).toBe(true);
          }
        },
      ),
    );
  });

  it('gives it for other shapes too, and for logits that are not finite', () => {
    const side = fc.integer({ min: 1, max: 30 });
    const odd = fc.constantFrom(NaN, Infinity, -Infinity, 0.5, 1e-45, -3.4e38);
    fc.assert(
      fc.property(
        fc.record({ low: fc.tuple(side, side), input: fc.tuple(side, side), original: fc.tuple(side, side) }),
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 900, maxLength: 900 }),
        fc.array(fc.tuple(fc.nat(899), odd), { maxLength: 4 }),
        // Of noise, or a few large regions.
        fc.constantFrom(1, 7),
        (sizes, cut, noise, odds, size) => {
          const [width, height] = sizes.low;
          const [w, h] = sizes.original;
          const logits = Float32Array.from({ length: width * height }, (_, i) => {
            const [x, y] = [i % width, Math.floor(i / width)];
            return noise[30 * Math.floor(y / size) + Math.floor(x / size)]!;
          });
          for (const [at, value] of odds) logits[at % logits.length] = value;
          const input = { width: sizes.input[0], height: sizes.input[1] };
          const [rw, rh] = [input.width, input.height].map((length, i) =>
            Math.max(1, Math.round(length * cut[i]!)),
          ) as [number, number];
          const decoded = decodedOf(logits, 1, 1, 1, w, h);
          const transform = { ...decoded.transform, input, resized: { width: rw, height: rh } };
          const given = { ...decoded, width, height, transform };
          for (const threshold of [0, 0.5]) {
            const { masks, areas, boxes } = resolveMasks(given, { threshold });
            const plain = densely(given, 0, threshold);
            expect(masks).toEqual([plain.rle]);
            expect(areas).toEqual([plain.area]);
            expect(boxes).toEqual([maskBox(plain.rle)]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('lets the event loop turn between masks, and stops when told', async () => {
    const logits = Float32Array.from({ length: 20 * 64 * 64 }, (_, i) => Math.sin(i));
    const decoded = decodedOf(logits, 20, 64, 128, 1500, 1000);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    expect(await resolveMasksInSlices(decoded)).toEqual(resolveMasks(decoded));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    const stop = new AbortController();
    const stopped = resolveMasksInSlices(decoded, {}, stop.signal);
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('measures stability where asked to: pixels above the upper cut by those above the lower', () => {
    // Four by four cells become four by four pixels, so every logit is one pixel.
    const logits = Float32Array.of(2, 2, 0.5, 0.5, -0.5, -2, -2, -2, ...new Float32Array(8).fill(-2));
    const decoded = decodedOf(Float32Array.of(...logits, ...logits.fill(-3)), 2, 4, 4, 4, 4);
    const { stability, areas } = resolveMasks(decoded, { stabilityOffset: 1 });
    expect(areas).toEqual([4, 0]);
    expect(stability).toEqual([Math.fround(2 / 5), NaN]);
    expect(resolveMasks(decoded)).not.toHaveProperty('stability');
  });

  it('gives empty and full masks their boxes', () => {
    const { masks, areas, boxes } = resolveMasks(
      decodedOf(Float32Array.of(-1, -1, -1, -1, 1, 1, 1, 1), 2, 2, 8, 6, 4),
    );
    expect(masks).toEqual([
      encodeMask(new Uint8Array(24), 6, 4),
      encodeMask(new Uint8Array(24).fill(1), 6, 4),
    ]);
    expect([areas, boxes]).toEqual([
      [0, 24],
      [
        [0, 0, 0, 0],
        [0, 0, 6, 4],
      ],
    ]);
  });

  it('leaves a pixel whose logit is not a number unset', () => {
    expect(resolveMasks(decodedOf(Float32Array.of(NaN, NaN, NaN, NaN), 1, 2, 4, 4, 4)).areas).toEqual([0]);
  });

  it('refuses sizes that do not agree', () => {
    const good = decodedOf(new Float32Array(4), 1, 2, 8, 6, 4);
    const bad = [
      { ...good, count: 2 },
      { ...good, quality: new Float32Array(2) },
      { ...good, width: 0 },
      { ...good, transform: { ...good.transform, offsetX: 3 } },
    ];
    for (const decoded of bad)
      expect(() => resolveMasks(decoded)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });

  it('holds no plane, dense or resized, for a 12 megapixel image', () => {
    const decoded = decodedOf(
      Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i)),
      3,
      64,
      128,
      4000,
      3000,
    );
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    const watched = new Proxy(decoded.logits, {
      get(target, key) {
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    });
    resolveMasks({ ...decoded, logits: watched });
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    // One dense mask would be 12 MB, its logits 48 MB.
    expect(peak).toBeLessThan(4e6);
  });
});

describe('hostTensor', () => {
  it('takes values that fill it, also none', () => {
    expect(hostTensor('int64', [2, 1], BigInt64Array.of(1n, 2n)).dims).toEqual([2, 1]);
    expect(hostTensor('float32', [3, 0], new Float32Array(0)).data).toHaveLength(0);
    expect(hostTensor('bool', [], Uint8Array.of(1)).dims).toEqual([]);
  });

  it('refuses other lengths, types and odd axes', () => {
    const bad = [
      () => hostTensor('float32', [2], new Float32Array(3)),
      () => hostTensor('int64', [1], Float32Array.of(1) as never),
      () => hostTensor('float32', [-1], new Float32Array(0)),
      () => hostTensor('float32', [0.5, 2], new Float32Array(1)),
    ];
    for (const make of bad) expect(make).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });
});
