export { clipTower } from './tower.js';
export { siglipTower } from './siglip-tower.js';
export { readSiglipPreset, type SiglipPreset } from './siglip-preset.js';
export { clipPlugin } from './plugin.js';
