export { main as segmentAnImage } from './01-segment-an-image.js';
export { main as swapAStage } from './02-swap-a-stage.js';
export { main as yourOwnStage } from './03-your-own-stage.js';
export { main as compareSystems } from './04-compare-systems.js';
export { main as saspOverAnySegSystem } from './05-sasp-over-any-seg-system.js';
export { main as cancelAndProgress } from './06-cancel-and-progress.js';
export { main as hostContainer } from './07-host-container.js';
export { main as yourOwnRecipe } from './08-your-own-recipe.js';
export { spreadPoints } from './spread-points.js';
