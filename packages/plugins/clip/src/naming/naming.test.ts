import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMask, hostTensor, runsOfRle, type HostTensor } from '@maskloom/core';
import { conformanceCases, fakeHost, fakeImage, fakeRun, fakeTokenizer } from '@maskloom/core/conformance';
import { cropOfMask } from './crop-masks.js';
import { maskNames } from './mask-names.js';
import { votesOf } from './pool-tokens.js';
import { cutSquare, squaresOf } from './square-views.js';

describe('squaresOf', () => {
  it('covers every pixel with as few squares of the shorter side as can be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (width, height) => {
        const squares = squaresOf({ width, height });
        const side = Math.min(width, height);
        expect(squares).toHaveLength(Math.ceil(Math.max(width, height) / side));
        for (const square of squares) {
          expect(square.side).toBe(side);
          expect(square.x >= 0 && square.x + side <= width).toBe(true);
          expect(square.y >= 0 && square.y + side <= height).toBe(true);
        }
        for (let at = 0; at < Math.max(width, height); at++)
          expect(squares.some(({ x, y }) => at >= x + y && at < x + y + side)).toBe(true);
      }),
    );
  });
});

describe('votesOf', () => {
  it('counts the pixels whose middle lies in each cell', () => {
    const masks = fc
      .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }))
      .chain(([width, height]) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          bits: fc.array(fc.integer({ min: 0, max: 1 }), {
            minLength: width * height,
            maxLength: width * height,
          }),
          x: fc.integer({ min: -3, max: 8 }),
          y: fc.integer({ min: -3, max: 8 }),
          side: fc.integer({ min: 1, max: 14 }),
          cells: fc.integer({ min: 1, max: 5 }),
        }),
      );
    fc.assert(
      fc.property(masks, ({ width, height, bits, x, y, side, cells }) => {
        const expected = new Float64Array(cells * cells);
        bits.forEach((bit, i) => {
          const column = (i % width) - x;
          const row = Math.floor(i / width) - y;
          if (bit === 0 || column < 0 || row < 0 || column >= side || row >= side) return;
          const cell = (at: number): number => Math.floor(((at + 0.5) * cells) / side);
          const place = cell(row) * cells + cell(column);
          expected[place] = expected[place]! + 1;
        });
        const runs = runsOfRle(encodeMask(Uint8Array.from(bits), width, height));
        expect(votesOf(runs, { x, y, side }, cells)).toEqual(expected);
      }),
    );
  });
});

describe('cutSquare', () => {
  const image = { ...fakeImage(3, 2), rgb: Uint8Array.from({ length: 18 }, (_, i) => i) };
  it('fills what lies beyond the picture, and what is not shown', () => {
    const cut = cutSquare(image, { x: -1, y: 0, side: 3 }, [90, 91, 92]);
    expect([...cut.rgb.slice(0, 9)]).toEqual([90, 91, 92, 0, 1, 2, 3, 4, 5]);
    expect([...cut.rgb.slice(18)]).toEqual([90, 91, 92, 90, 91, 92, 90, 91, 92]);
    const shown = cutSquare(image, { x: 0, y: 0, side: 2 }, [9, 9, 9], Uint8Array.of(1, 0, 1, 0, 1, 1));
    expect([...shown.rgb]).toEqual([0, 1, 2, 9, 9, 9, 9, 9, 9, 12, 13, 14]);
  });

  it('is no larger around a mask than the picture is long', () => {
    const mask = encodeMask(new Uint8Array(6).fill(1), 3, 2);
    expect(cropOfMask(image, mask, { margin: 4, alone: false, fill: [0, 0, 0] }).width).toBe(3);
  });
});

/** A tower whose token, and whose embedding, is the mean red and green of what it sees; texts are their first letter's colour. */
function towers(dense = true) {
  const side = 8;
  const mean = (pixels: Float32Array, image: number, from: number, to: number): readonly number[] =>
    [0, 1].map((channel) => {
      let sum = 0;
      for (let y = from; y < to; y++)
        for (let x = 0; x < side; x++) sum += pixels[((3 * image + channel) * side + y) * side + x] ?? 0;
      return sum / side / (to - from);
    });
  const port = (name: string, shape: (number | string)[]) => ({ name, dtype: 'float32' as const, shape });
  const ids = (name: string) => ({ name, dtype: 'int64' as const, shape: ['B', 'T'] });
  return fakeHost({
    models: {
      clipDense: {
        inputs: [port('pixel_values', ['B', 3, side, side])],
        outputs: [...(dense ? [port('dense', ['B', 4, 2])] : []), port('image_embed', ['B', 2])],
        run: ({ pixel_values }: Readonly<Record<string, HostTensor>>) => {
          const pixels = pixel_values?.data as Float32Array;
          const count = pixel_values?.dims[0] ?? 0;
          const rows = Array.from({ length: count }, (_, i) =>
            [0, 0, 4, 4].flatMap((from) => mean(pixels, i, from, from + 4)),
          );
          const whole = Array.from({ length: count }, (_, i) => mean(pixels, i, 0, side));
          return {
            dense: hostTensor('float32', [count, 4, 2], Float32Array.from(rows.flat())),
            image_embed: hostTensor('float32', [count, 2], Float32Array.from(whole.flat())),
          };
        },
      },
      clipText: {
        inputs: [ids('input_ids'), ids('attention_mask')],
        outputs: [port('text_embed', ['B', 2])],
        run: ({ input_ids }: Readonly<Record<string, HostTensor>>) => {
          const [count = 0, length = 0] = input_ids?.dims ?? [];
          const red = fakeTokenizer(['</s>']).encode('r')[0];
          const first = (i: number) => Number((input_ids?.data as BigInt64Array)[i * length]);
          const values = Array.from({ length: count }, (_, i) => (first(i) === red ? [7, 1] : [1, 5]));
          return { text_embed: hostTensor('float32', [count, 2], Float32Array.from(values.flat())) };
        },
      },
    },
    presets: {
      clip: {
        imageSize: side,
        patchSize: 4,
        mean: [0, 0, 0],
        std: [1, 1, 1],
        text: { maxTokens: 16, eos: '</s>', pad: '</s>', prefix: '' },
      },
    },
    tokenizer: fakeTokenizer(['</s>']),
  });
}

describe('maskNames', () => {
  const cases = [
    ...conformanceCases('CategoryGenerator', maskNames(), { host: () => towers(), sizes: { text: 2 } }),
    ...conformanceCases('CategoryGenerator', maskNames({ by: 'crops' }), {
      host: () => towers(),
      sizes: { text: 2 },
    }),
  ];
  it.each(cases.map((one) => [one.name, one.run] as const))('%s', (_, run) => run());

  /** Red above, green below. */
  const rgb = Uint8Array.from({ length: 3 * 12 * 8 }, (_, i) =>
    i % 3 === (i < 3 * 12 * 4 ? 0 : 1) ? 200 : 0,
  );
  const image = { ...fakeImage(12, 8), rgb };
  const part = (from: number, to: number) =>
    encodeMask(
      Uint8Array.from({ length: 96 }, (_, i) => Number(i >= 12 * from && i < 12 * to)),
      12,
      8,
    );
  const masks = { image, masks: [part(0, 3), part(5, 8), part(0, 8)] };
  const context = { signal: new AbortController().signal, warn: () => undefined };

  it.each([
    ['tokens', {}],
    ['crops', { by: 'crops', surroundings: 'hidden', margin: 0 }],
  ] as const)('names what is under a mask by %s, and leaves what is not sure', async (_, how) => {
    const models = towers();
    const spec = maskNames({ ...how, templates: ['{}'], temperature: 0.1, noneBelow: 0.9 });
    const stage = await spec.create({ ...context, models });
    const named = await stage.name({ masks, image, candidates: ['red thing', 'green'] }, fakeRun());
    expect(named.slice(0, 2).map(({ name, none }) => [name, none])).toEqual([
      ['red thing', undefined],
      ['green', undefined],
    ]);
    expect(named[2]?.none).toBe(true);
  });

  it('says that a tower without text-aligned tokens takes crops', async () => {
    const stage = await maskNames().create({ ...context, models: towers(false) });
    await expect(stage.name({ masks, image, candidates: ['red'] }, fakeRun())).rejects.toMatchObject({
      code: 'STAGE_MISMATCH',
      message: expect.stringContaining("by: 'crops'") as string,
    });
  });
});
