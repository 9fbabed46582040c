import type { Container } from '../ports/container.js';
import type { ModelSource } from '../ports/model-source.js';
import type { AnyRecipe } from '../recipe.js';
import type { ChosenStages } from './check-wiring.js';

/** What a builder knows. */
export interface BuilderState {
  readonly recipe: AnyRecipe;
  readonly stages: ChosenStages;
  readonly source?: ModelSource;
  readonly container?: Container;
}
