export { clipTower } from './tower.js';
export { siglipTower } from './siglip-tower.js';
export { clipPlugin } from './plugin.js';
