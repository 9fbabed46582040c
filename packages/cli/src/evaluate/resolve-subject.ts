import { compose, recipeId } from '@maskloom/core';
import { mapperRecipe, protocols, type Overrides, type Subject } from '@maskloom/eval';
import type { Bundle } from '@maskloom/runtime';
import { recipeEntries } from '../bundles/recipe-entries.js';
import type { Workspace } from '../config/workspace.js';
import { applyOverrides, mapperStage } from './adapt-recipe.js';
import { constantsHash } from './run-bundles.js';
import { given } from '../given.js';

/** The entry that has models for mappers of systems that have none of their own. */
const MAPPER_ENTRY = 'rose/patch';

/**
 * Finds out what a row's recipe is made of: the bundle with its weights and their hashes, or what is missing. The first
 * bundle that has the entry gives it.
 * @throws MaskloomError SYSTEM_UNKNOWN, RECIPE_UNKNOWN, SLOT_UNKNOWN, VALUE_INVALID, OPTION_INVALID naming the nearest;
 * STAGE_MISMATCH when a stage does not fit
 */
export function resolveSubject(
  recipe: string,
  overrides: Overrides,
  workspace: Workspace,
  bundles: readonly Bundle[],
): Subject {
  const { registry } = workspace;
  const adapted = applyOverrides(registry.recipe(recipe), overrides, registry);
  compose(adapted).check();
  if (overrides.mapper !== undefined) return withMapper(recipe, overrides, workspace, bundles);
  if (overrides.refine !== undefined) return withRefiner(recipe, overrides, workspace, bundles);
  const code = workspace.codeOf(adapted);
  const entry = adapted.bundleRecipe ?? recipeId(adapted);
  const from = bundles.findIndex(({ recipes }) => recipes.includes(entry));
  const bundle = bundles[from];
  if (bundle === undefined) {
    const names = bundles.map(({ name }) => name).join(', ');
    return { recipe, overrides, missing: `no weights for ${entry} in ${names}` };
  }
  const { manifest } = bundle;
  const { trainedFor } = bundle.recipe(entry);
  const entries = recipeEntries(adapted, [...new Set(bundles.flatMap(({ recipes }) => recipes))]);
  if (entries === undefined) {
    const wanted = (adapted.alsoUses ?? []).map((ids) => ids.join(' or ')).join(', ');
    return { recipe, overrides, missing: `no weights for ${wanted} in any bundle` };
  }
  const cannot = protocols()
    .filter(({ task }) => !adapted.tasks.includes(task))
    .map(({ name }) => name);
  const untrained =
    untrainedReason(manifest.origin, entry) ??
    (trainedFor === false ? "another recipe's weights are used" : undefined);
  return {
    recipe,
    overrides,
    weights: {
      bundle: `${manifest.name} ${manifest.version}`,
      from,
      entry,
      ...(isToy(manifest.origin) ? { toy: true } : {}),
      models: Object.assign(
        modelHashes(bundle, entry),
        ...entries.slice(1).map((id) => modelHashes(bundleFor(id, bundle, bundles), id, `${id} `)),
      ) as Record<string, string>,
      constants: constantsHash(manifest, entry),
    },
    ...(cannot.length === 0 ? {} : { cannot }),
    ...given({ untrained, code }),
  };
}

/** A stage's own models come from its recipe's bundle if that has them, else from the first that has. */
function bundleFor(entry: string, own: Bundle, bundles: readonly Bundle[]): Bundle {
  return [own, ...bundles].find(({ recipes }) => recipes.includes(entry)) ?? own;
}

function modelHashes(bundle: Bundle, entry: string, prefix = ''): Record<string, string> {
  const roles = Object.keys(bundle.recipe(entry).models).sort();
  return Object.fromEntries(roles.map((role) => [`${prefix}${role}`, bundle.model(entry, role).sha256]));
}

/** Whether a bundle says that its weights know generated scenes only. */
function isToy({ data }: Readonly<Record<string, unknown>>): boolean {
  return typeof data === 'object' && data !== null && 'generator' in data;
}

/** Why a bundle says that an entry has not left its plateau: `origin.untrained`, a reason by entry. */
function untrainedReason(origin: Readonly<Record<string, unknown>>, entry: string): string | undefined {
  if (origin['trained'] === false) return 'the bundle says that its weights are not trained';
  const reasons = origin['untrained'];
  if (typeof reasons !== 'object' || reasons === null) return undefined;
  const reason: unknown = Object.getOwnPropertyDescriptor(reasons, entry)?.value;
  return typeof reason === 'string' ? reason : undefined;
}

/** A recipe whose names a mapper counts: on its own models where it has a mapper's place, else on those of ROSE. */
function withMapper(
  recipe: string,
  overrides: Overrides,
  workspace: Workspace,
  bundles: readonly Bundle[],
): Subject {
  const { mapper, ...rest } = overrides;
  const { registry } = workspace;
  const base = resolveSubject(recipe, rest, workspace, bundles);
  if (mapper === undefined || base.weights === undefined) return { ...base, overrides };
  const { wiring } = registry.recipe(recipe);
  const own = { from: base.weights.from, entry: base.weights.entry };
  const place = wiring.LabelMapper === undefined ? placeOf(MAPPER_ENTRY, bundles) : own;
  compose(mapperRecipe(mapperStage(mapper, registry), place?.entry ?? own.entry)).check();
  const lent =
    place === undefined || place === own
      ? {}
      : modelHashes(bundles[place.from] as Bundle, place.entry, 'mapper ');
  return {
    ...base,
    overrides,
    weights: {
      ...base.weights,
      mapper: place ?? own,
      models: { ...base.weights.models, ...lent },
    },
  };
}

function placeOf(
  entry: string,
  bundles: readonly Bundle[],
): { readonly from: number; readonly entry: string } | undefined {
  const from = bundles.findIndex(({ recipes }) => recipes.includes(entry));
  return from < 0 ? undefined : { from, entry };
}

/** A recipe with a refiner: the weights of both. */
function withRefiner(
  recipe: string,
  overrides: Overrides,
  workspace: Workspace,
  bundles: readonly Bundle[],
): Subject {
  const { refine, ...rest } = overrides;
  const base = resolveSubject(recipe, rest, workspace, bundles);
  const refiner = resolveSubject(
    refine?.by ?? '',
    refine?.stages === undefined ? {} : { stages: refine.stages },
    workspace,
    bundles,
  );
  const missing = base.missing ?? refiner.missing;
  const untrained = base.untrained ?? refiner.untrained;
  const refining = Object.entries(refiner.weights?.models ?? {}).map(([role, hash]) => [
    `refiner ${role}`,
    hash,
  ]);
  return {
    ...base,
    overrides,
    ...given({ missing, untrained }),
    ...(base.weights === undefined || refiner.weights === undefined
      ? {}
      : {
          weights: {
            ...base.weights,
            models: { ...base.weights.models, ...Object.fromEntries(refining) },
            constants: `${base.weights.constants} ${refiner.weights.constants}`,
            refiner: refiner.weights.from,
          },
        }),
  };
}
