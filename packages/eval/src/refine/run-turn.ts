import type { Prediction, RefineInstruction } from '@maskloom/core';
import type { RefineCall, ScriptResult, ScriptTurn } from './model.js';

/** Collects the turns of a script; each starts from what the last one gave. */
export class Script {
  readonly #refine: RefineCall;
  readonly #oracle: boolean;
  readonly #turns: ScriptTurn[] = [];
  #prediction: Prediction;

  /** @param oracle - whether the ground truth chooses what is said: then every prediction is marked */
  constructor(prediction: Prediction, refine: RefineCall, oracle: boolean) {
    this.#prediction = prediction;
    this.#refine = refine;
    this.#oracle = oracle;
  }

  /** What is known now. */
  get prediction(): Prediction {
    return this.#prediction;
  }

  /** Runs one turn. */
  async say(instruction: RefineInstruction): Promise<void> {
    const refined = await this.#refine(this.#prediction, instruction);
    this.#prediction = this.#oracle ? markOracle(refined) : refined;
    this.#turns.push({ instruction, prediction: this.#prediction });
  }

  /** The turns so far. */
  result(): ScriptResult {
    return { prediction: this.#prediction, turns: [...this.#turns] };
  }
}

/** The ground truth chose what was refined: every place that shows the result must say so. */
function markOracle(prediction: Prediction): Prediction {
  const { refinement } = prediction;
  if (refinement === undefined) return prediction;
  return { ...prediction, refinement: { ...refinement, oracle: true } };
}
