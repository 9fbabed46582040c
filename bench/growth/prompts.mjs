// Single points on one picture of 128 x 128.
import { compose } from '@maskloom/core';
import { prompted } from '@maskloom/sam';
import { image, openModels } from '../lib/stage.mjs';
import { pointPrompts } from '../lib/systems.mjs';

/** @param count - of points */
export async function run(count) {
  const pipeline = await compose(prompted).on(openModels()).build();
  await pipeline.segment(image(), { task: 'prompted', prompts: pointPrompts(count) });
}
