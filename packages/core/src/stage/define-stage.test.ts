import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PointPrompter } from '../slots/slot.js';
import { createSpec, defineStage } from './define-stage.js';

const points = defineStage({
  slot: PointPrompter,
  name: 'demo/points',
  summary: 'Points.',
  options: z.object({
    count: z.number().int().min(1).default(60),
    mode: z.enum(['fixed', 'meanSigma']).default('fixed'),
    near: z.object({ radius: z.number().positive() }).optional(),
  }),
  needs: ['query-state', 'image-states'],
  gives: ['point-prompt'],
  create: (options) => ({ prompt: () => Promise.reject(new Error(`count ${options.count}`)) }),
});

describe('defineStage', () => {
  it('fills in defaults and freezes the spec', () => {
    const spec = points({ count: 3 });
    expect(spec.options).toEqual({ count: 3, mode: 'fixed' });
    expect(spec).toMatchObject({
      slot: 'PointPrompter',
      name: 'demo/points',
      needs: ['query-state', 'image-states'],
      gives: { 'point-prompt': true },
    });
    expect(Object.isFrozen(spec) && Object.isFrozen(spec.options) && Object.isFrozen(points)).toBe(true);
    expect({ ...points }).toMatchObject({
      slot: 'PointPrompter',
      stageName: 'demo/points',
      summary: 'Points.',
    });
  });

  it.each([
    [{ cuont: 3 }, "no option 'cuont'", "Did you mean 'count'?"],
    [{ count: 0 }, "Option 'count' of demo/points", 'Given: 0.'],
    [{ count: 'many' }, "Option 'count'", 'Given: "many".'],
    [{ near: { radius: -1 } }, "Option 'near.radius'", 'Given: -1.'],
    [{ mode: 'fixd' }, "Option 'mode'", 'fixed'],
    [7, "Option 'options'", 'Given: 7.'],
  ])('refuses %j', (given, message, hint) => {
    expect(() => createSpec(points, given)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(message) }),
    );
    expect(() => createSpec(points, given)).toThrow(hint);
  });

  it('hands parsed options to create', async () => {
    const stage = await points({ count: 5 }).create({} as never);
    await expect(stage.prompt({} as never, {} as never)).rejects.toThrow('count 5');
  });

  it.each(['points', 'Demo/Points', 'demo/', 'demo/points/more', ''])('refuses the name %j', (name) => {
    const make = () =>
      defineStage({
        slot: PointPrompter,
        name,
        summary: '',
        options: z.object({}),
        needs: [],
        gives: [],
        create: () => ({}) as never,
      });
    expect(make).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });
});
