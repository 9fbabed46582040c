// What is run on every device: recipes, and what each is asked.
const phrase = { task: 'referring', text: 'the red striped star' };

/**
 * By recipe: the package and the name that it is exported under, and the request. A box is x, y, width and height in parts of
 * the picture's sides; `forced`: the answer is given, so that every run decodes one mask.
 */
export const SYSTEMS = {
  'sam/prompted': {
    from: ['@maskloom/sam', 'prompted'],
    ask: { task: 'prompted', box: [0.2, 0.2, 0.5, 0.5] },
  },
  'stacked-seg/single': { from: ['@maskloom/stacked-seg', 'single'], ask: phrase, forced: true },
  'read/full': { from: ['@maskloom/read', 'full'], ask: phrase, forced: true },
  'rose/patch': { from: ['@maskloom/rose', 'patch'], ask: { task: 'free' } },
  'lmseg/full': {
    from: ['@maskloom/lmseg', 'full'],
    ask: { task: 'semantic', labels: ['sky', 'grass', 'water', 'sand', 'star', 'ring'] },
  },
};

/** Recipes of a dry run: a GPU that is a CPU is slow. */
export const DRY_RECIPES = ['sam/prompted', 'read/full'];

/** Recipes whose models travel. */
export const BUNDLE_RECIPES = Object.keys(SYSTEMS);
