import { definePlugin } from '@maskloom/core';
import { clipTower } from './tower.js';

/** CLIP's vision tower, as a stage for any system. */
export const clipPlugin = definePlugin({
  name: 'clip',
  version: '0.1.0',
  api: '^1.0',
  stages: [clipTower],
});
