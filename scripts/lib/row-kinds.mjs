// What the rows of the papers' tables are: read off the tables and the manifests of the bundles that they are measured with.

/** Kinds of rows, in the order of the summary's columns. */
export const KINDS = {
  trained: 'an experiment: weights trained for the row',
  switched: 'a switch in one trained model',
  printed: 'printed figures only',
  missing: 'no weights here',
};

/**
 * The kind of one row.
 * @param row - a row of an ablation
 * @param manifests - of the bundles, those asked first before the others
 * @returns a key of KINDS; nothing for rows that are left out where there are no weights
 */
export function kindOf(row, manifests) {
  const { recipe, overrides = {}, optional } = row;
  if (recipe === undefined) return 'printed';
  const entry = overrides.weights ?? recipe;
  const manifest = manifests.find(({ recipes }) => recipes[entry] !== undefined);
  if (manifest === undefined) return optional === true ? undefined : 'missing';
  // A recipe on another one's weights was not trained for what it does with them.
  if (entry.split('@')[0] !== recipe) return 'switched';
  if (overrides.stages !== undefined || overrides.refine?.chosenBy === 'own scores') return 'switched';
  return hasWeightsOfItsOwn(entry, manifest.recipes) ? 'trained' : 'switched';
}

/** Whether a bundle holds files that were trained for this entry: they lie in its folder, or in that of a twin's. */
function hasWeightsOfItsOwn(entry, recipes) {
  const { models, sharesWeightsWith } = recipes[entry];
  const folder = `${entry.replaceAll(/[/@]/g, '-')}/`;
  return sharesWeightsWith !== undefined || Object.values(models).some((model) => model.startsWith(folder));
}

/** A Markdown table: for each ablation, its rows by kind. */
export function rowKinds(ablations, manifests) {
  const lines = ablations.map(({ id, rows }) => {
    const byKind = Object.keys(KINDS).map((kind) =>
      rows
        .filter((row) => kindOf(row, manifests) === kind)
        .map(({ label, standsFor }) =>
          standsFor === undefined ? label : `${label} (stands for ${standsFor})`,
        )
        .join('; '),
    );
    return [id, ...byKind].map(escaped).join(' | ');
  });
  const heads = ['', ...Object.values(KINDS)];
  return [heads, heads.map(() => '---')]
    .map((cells) => cells.join(' | '))
    .concat(lines)
    .map((line) => `| ${line} |`)
    .join('\n');
}

function escaped(text) {
  return text.replaceAll(/[\\|<>*_`[\]]/g, (mark) => `\\${mark}`);
}
