import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { DecoderLate, DecoderPool } from './decoder-pool.js';

const script = new URL('../../../dist/image/decoder/decoder-child.js', import.meta.url);
const LIMITS = { timeoutMs: 60_000, signal: undefined };
const large = await sharp({ create: { width: 7000, height: 6000, channels: 3, background: '#a07' } })
  .jpeg({ progressive: true })
  .toBuffer();
const small = await sharp({ create: { width: 8, height: 6, channels: 3, background: '#a07' } })
  .png()
  .toBuffer();
const request = (bytes: Uint8Array, maxMemory = 2 ** 32) =>
  ({ task: 'rgb', bytes: bytes.length, maxPixels: 1e8, maxMemory }) as const;

describe('DecoderPool', () => {
  const pool = new DecoderPool(1, script);
  afterAll(async () => {
    await expect(pool.decode(request(small), small, LIMITS)).resolves.toMatchObject({
      message: { ok: true, width: 8, height: 6 },
    });
  });

  it('gives up a picture that takes longer than its limit, and decodes the next', async () => {
    await pool.decode(request(small), small, LIMITS);
    const started = performance.now();
    const limits = { timeoutMs: 20, signal: undefined };
    await expect(pool.decode(request(large), large, limits)).rejects.toThrow(DecoderLate);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('ends a decoder that takes more memory than its limit', async () => {
    const { message } = await pool.decode(request(large, 110 * 2 ** 20), large, LIMITS);
    expect(message).toEqual({ ok: false, kind: 'memory', message: 'more than 110 MiB' });
  });

  it('stops in the middle of a picture, and one that waits for its turn', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const both = [1, 2].map(() => pool.decode(request(large), large, { timeoutMs: 60_000, signal }));
    setTimeout(() => controller.abort(), 20);
    const started = performance.now();
    for (const one of both) await expect(one).rejects.toMatchObject({ code: 'ABORTED' });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('answers many at once, each with its own picture', async () => {
    const sizes = Array.from({ length: 24 }, (_, i) => ({ width: 5 + i, height: 30 - i }));
    const four = new DecoderPool(4, script);
    const found = await Promise.all(
      sizes.map(async (size) => {
        const bytes = await sharp({ create: { ...size, channels: 3, background: '#123' } })
          .png()
          .toBuffer();
        return (await four.decode(request(bytes), bytes, LIMITS)).message;
      }),
    );
    expect(found).toMatchObject(sizes);
  });
});
