import { MaskloomError } from '@maskloom/masks';
import { describe, expect, it } from 'vitest';
import { emitTo } from './emit.js';
import { RunTrace, type TracedStage } from './run-trace.js';
import { EventEmitter } from 'eventemitter3';
import type { PipelineEventMap } from './events.js';

const stage = (slot: 'Encoder' | 'MaskDecoder'): TracedStage => ({
  slot,
  kind: { slot } as never,
  name: `toy/${slot}`,
  device: () => 'cpu',
});
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function traced() {
  const events = new EventEmitter<PipelineEventMap>();
  const seen: string[] = [];
  for (const name of ['stage:start', 'stage:end'] as const)
    events.on(name, (event: { slot: string; failed?: boolean }) =>
      seen.push(`${name} ${event.slot}${event.failed === true ? ' failed' : ''}`),
    );
  return { trace: new RunTrace(1, new AbortController().signal, emitTo(events)), seen };
}

describe('a stage whose result is used before it is made', () => {
  it('ends when that is there, and the stage that waits for it is timed from there on', async () => {
    const { trace, seen } = traced();
    const start = performance.now();
    const ready = sleep(80);
    await trace.call(stage('Encoder'), 'encode', () => ({ ready }));
    expect(seen).toEqual(['stage:start Encoder']);
    await trace.call(stage('MaskDecoder'), 'decode', () => ready.then(() => sleep(30)));
    expect(seen.slice(1)).toEqual(['stage:start MaskDecoder', 'stage:end Encoder', 'stage:end MaskDecoder']);
    await trace.settled();
    const [encoder, decoder] = trace.stages();
    const [encoding, decoding] = [encoder?.ms ?? 0, decoder?.ms ?? 0];
    expect(encoding).toBeGreaterThan(70);
    expect(decoding).toBeGreaterThan(20);
    // Timed from its own beginning, the decoder's would have the encoder's in it.
    expect(encoding + decoding).toBeLessThan(performance.now() - start + 5);
  });

  it('is timed without the call that it waits behind, though it began in that', async () => {
    const { trace } = traced();
    const start = performance.now();
    const asked = trace.call(stage('MaskDecoder'), 'decode', () => sleep(60));
    await trace.call(stage('Encoder'), 'encode', () => ({ ready: asked.then(() => sleep(40)) }));
    await trace.settled();
    const sum = trace.stages().reduce((all, { ms }) => all + ms, 0);
    expect(sum).toBeGreaterThan(90);
    expect(sum).toBeLessThan(performance.now() - start + 5);
  });

  it('fails under its own name, whatever failed for want of it', async () => {
    const { trace, seen } = traced();
    const ready = sleep(10).then(() => Promise.reject(new Error('no memory')));
    await trace.call(stage('Encoder'), 'encode', () => ({ ready }));
    const decoding = trace.call(stage('MaskDecoder'), 'decode', () =>
      ready.catch(() => Promise.reject(new MaskloomError('MODEL_RUN_FAILED', 'tensor -1 was released', {}))),
    );
    const failure = { code: 'STAGE_FAILED', message: /toy\/Encoder failed in encode\(\): no memory/ };
    await expect(decoding).rejects.toMatchObject({
      ...failure,
      message: expect.stringMatching(failure.message),
    });
    expect(seen).toContain('stage:end Encoder failed');
    expect(seen).toContain('stage:end MaskDecoder failed');
  });

  it('fails the run where nobody used it, and leaves a failure of others alone', async () => {
    const { trace } = traced();
    const ready = sleep(30).then(() => Promise.reject(new Error('no memory')));
    await trace.call(stage('Encoder'), 'encode', () => ({ ready }));
    const wrong = new MaskloomError('VALUE_INVALID', 'a prompt says nothing', {});
    await expect(trace.call(stage('MaskDecoder'), 'decode', () => Promise.reject(wrong))).rejects.toBe(wrong);
    await expect(trace.settled()).rejects.toMatchObject({ code: 'STAGE_FAILED' });
  });
});
