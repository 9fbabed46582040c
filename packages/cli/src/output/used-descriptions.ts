import type { Prediction } from '@maskloom/core';
import { recipeId } from '@maskloom/core';
import { z } from 'zod';

/** Version of the file of descriptions that a comparison used. */
export const USED_DESCRIPTIONS_SCHEMA = 'maskloom.used-descriptions/1';

const usedSchema = z.object({
  recipes: z.record(
    z.string(),
    z.object({ writer: z.string(), classes: z.record(z.string(), z.array(z.string())) }),
  ),
});

/** What one recipe compared images with. */
interface Used {
  /** The stage that wrote them. */
  readonly writer: string;
  /** Sentences by class. */
  readonly classes: Map<string, readonly string[]>;
}

/** Collects the descriptions behind results, each class of a recipe once. */
export class UsedDescriptions {
  readonly #byRecipe = new Map<string, Used>();

  /** Whether any result was made with descriptions. */
  get empty(): boolean {
    return this.#byRecipe.size === 0;
  }

  /** Adds what a result was made with. */
  add(prediction: Prediction): void {
    const classes = prediction.evidence?.semantic?.classes;
    if (classes === undefined) return;
    const id = recipeId({ system: prediction.system, name: prediction.recipe });
    const writer = prediction.stages.find(({ slot }) => slot === 'PromptWriter')?.stage ?? '';
    const used = this.#byRecipe.get(id) ?? { writer, classes: new Map<string, readonly string[]>() };
    for (const { label, descriptions } of classes) used.classes.set(label, descriptions);
    this.#byRecipe.set(id, used);
  }

  /** Takes over what the file's text says. */
  load(text: string): void {
    const { recipes } = usedSchema.parse(JSON.parse(text));
    for (const [id, { writer, classes }] of Object.entries(recipes))
      this.#byRecipe.set(id, { writer, classes: new Map(Object.entries(classes)) });
  }

  /** The file's text. */
  toJson(): string {
    const recipes = Object.fromEntries(
      [...this.#byRecipe].map(([id, { writer, classes }]) => [
        id,
        { writer, classes: Object.fromEntries(classes) },
      ]),
    );
    return `${JSON.stringify({ schema: USED_DESCRIPTIONS_SCHEMA, recipes }, undefined, 1)}\n`;
  }
}
