export { clipTower } from './tower.js';
export { clipPlugin } from './plugin.js';
