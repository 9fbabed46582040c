// The module that worker processes of `ablate` and `eval --out` start with.
import { compose, type AnyRecipe, type Pipeline } from '@maskloom/core';
import {
  mapperRecipe,
  pipelineWorker,
  serveUnits,
  type Helper,
  type Subject,
  type WorkerPlan,
} from '@maskloom/eval';
import { withSasP } from '@maskloom/read';
import { onnx, openBundle, type OnnxSource } from '@maskloom/runtime';
import { findBundle } from '../bundles/find-bundle.js';
import { loadWorkspace } from '../config/workspace.js';
import { applyOverrides, askingBy, forManyQuestions, mapperStage } from './adapt-recipe.js';

serveUnits(async (given) => {
  const plan = given as unknown as WorkerPlan;
  const { registry } = await loadWorkspace(plan.plugins ?? { modules: [] });
  // One source per bundle: its pipelines share sessions and features. What stages bring in may lie in the others.
  const sources = plan.bundles.map((folder) => {
    const folders = [...new Set([folder, ...plan.bundles])];
    return onnx({ bundle: folders.map((one) => findBundle(one)), device: plan.device, keepOpen: true });
  });
  const sourceWith = async (entry: string): Promise<OnnxSource> => {
    for (const [i, folder] of plan.bundles.entries()) {
      const { recipes } = await openBundle(findBundle(folder));
      if (recipes.includes(entry)) return sources[i] as OnnxSource;
    }
    return sources[0] as OnnxSource;
  };
  const presetOf = async ({ weights }: Subject): Promise<unknown> => {
    const bundle = await openBundle(findBundle(plan.bundles[weights?.from ?? 0]));
    return bundle.preset(weights?.entry ?? '', 'llava');
  };
  const build = (recipe: AnyRecipe, source: OnnxSource, forced = false): Promise<Pipeline> =>
    compose(forManyQuestions(recipe, registry, forced))
      .on(source)
      .build();
  const recipeOf = ({ recipe, overrides }: Subject): AnyRecipe =>
    applyOverrides(registry.recipe(recipe), overrides, registry);

  return pipelineWorker(plan, {
    subject: (subject, forced) =>
      build(recipeOf(subject), sources[subject.weights?.from ?? 0] as OnnxSource, forced),
    refiner({ overrides: { refine }, weights }) {
      const { stages } = refine ?? {};
      const recipe = applyOverrides(
        registry.recipe(refine?.by ?? ''),
        stages === undefined ? {} : { stages },
        registry,
      );
      return build(recipe, sources[weights?.refiner ?? 0] as OnnxSource);
    },
    mapper({ overrides: { mapper }, weights }) {
      const { from, entry } = weights?.mapper ?? { from: 0, entry: '' };
      const stage = mapperStage(mapper ?? { stage: '' }, registry);
      return compose(mapperRecipe(stage, entry))
        .on(sources[from] as OnnxSource)
        .build();
    },
    async helper(helper: Helper, subject: Subject, forced: boolean) {
      const changes = helper.stages === undefined ? {} : { stages: helper.stages };
      if (helper.recipe !== undefined) {
        const recipe = applyOverrides(registry.recipe(helper.recipe), changes, registry);
        return build(recipe, await sourceWith(recipe.bundleRecipe ?? helper.recipe));
      }
      const recipe = applyOverrides(recipeOf(subject), changes, registry);
      if (helper.question !== undefined) {
        const asking = await askingBy(helper.question, recipe, () => presetOf(subject), registry);
        return asking && build(asking, sources[subject.weights?.from ?? 0] as OnnxSource, forced);
      }
      const pointed = helper.withPoints === true && recipe.stages.PointPrompter === undefined;
      // A wiring that is not known to the compiler: `withSasP` itself refuses recipes without a <SEG>.
      const shown = pointed ? (withSasP(recipe as never) as AnyRecipe) : recipe;
      return build(shown, sources[subject.weights?.from ?? 0] as OnnxSource);
    },
  });
});
