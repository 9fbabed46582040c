import type { Prng } from '@maskloom/core';
import { COLOURS, INVENTED, SHAPES, SIZES, TEXTURES, type Attributes } from './vocabulary.js';

/** Attributes that a group of rivals shares. */
type Shared = Partial<Omit<Attributes, 'size'>>;

/**
 * Chooses what the things of a scene are. In half of the scenes two or three of them are rivals on purpose: they
 * share a shape, a colour, or both, so that naming the shape does not single one out.
 * @returns 1 to 6 things, 3 to 6 in scenes with rivals, in painter's order
 */
export function planThings(prng: Prng): Attributes[] {
  const rivals = prng.chance(0.5);
  const count = rivals ? 3 + prng.int(4) : 1 + prng.int(6);
  const things: Attributes[] = [];
  if (rivals) {
    const groups = count >= 5 && prng.chance(0.5) ? 2 : 1;
    for (let g = 0; g < groups; g++) {
      const members = count >= 4 && prng.chance(0.4) ? 3 : 2;
      const shared = drawShared(prng);
      for (let i = 0; i < members && things.length < count; i++) things.push(drawThing(prng, shared));
    }
  }
  while (things.length < count) things.push(drawThing(prng, {}));
  return prng.shuffled(things);
}

function drawShared(prng: Prng): Shared {
  const kind = prng.unit();
  const shape = prng.pick(SHAPES);
  const colour = prng.pick(COLOURS);
  if (kind < 0.5) return { shape };
  if (kind < 0.65) return { colour };
  if (kind < 0.9) return { shape, colour };
  return { shape, colour, texture: prng.pick(TEXTURES) };
}

/** Half of the things come from the invented classes, where one of them fits. */
function drawThing(prng: Prng, shared: Shared): Attributes {
  const size = prng.pick(SIZES);
  if (prng.chance(0.5)) {
    const fitting = INVENTED.filter(
      (c) =>
        (shared.shape ?? c.shape) === c.shape &&
        (shared.colour ?? c.colour) === c.colour &&
        (shared.texture ?? c.texture) === c.texture,
    );
    if (fitting.length > 0) {
      const { shape, colour, texture } = prng.pick(fitting);
      return { shape, colour, texture, size };
    }
  }
  return {
    shape: shared.shape ?? prng.pick(SHAPES),
    colour: shared.colour ?? prng.pick(COLOURS),
    texture: shared.texture ?? prng.pick(TEXTURES),
    size,
  };
}
