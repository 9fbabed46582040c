import type { hostTensor } from '@maskloom/core';
import { type ModelHost, type ModelSession, type RunContext, type Tensor } from '@maskloom/core';

/** One aggregation layer: either half may be absent. */
export interface Layer {
  readonly spatial?: ModelSession;
  readonly sums?: ModelSession;
  readonly apply?: ModelSession;
  /** From the number of classes [1], the sums of the learned classes that fill up the list; CAT-Seg's weights have them. */
  readonly pads?: ModelSession;
}

/** The models that turn costs into logits. */
export interface CostModels {
  readonly embed: ModelSession;
  readonly layers: readonly Layer[];
  readonly upsample: ModelSession;
}

/** Sums over classes that a linear attention needs: of phi(k) v^T and of phi(k). */
export interface ClassSums {
  readonly kv: Tensor | ReturnType<typeof hostTensor>;
  readonly k: Tensor | ReturnType<typeof hostTensor>;
}

/** Opens the models of a recipe; an enhancement that the recipe has no model for is off. */
export async function openCostModels(models: ModelHost, layers: number): Promise<CostModels> {
  const open = async (role: string): Promise<ModelSession | undefined> =>
    hasRole(models, role) ? models.model(role) : undefined;
  const opened: Layer[] = [];
  for (let i = 0; i < layers; i++) {
    const spatial = await open(`spatial${i}`);
    const sums = await open(`classSums${i}`);
    // A layer whose second half is missing is a broken bundle, and says so.
    const apply = sums === undefined ? undefined : await models.model(`classApply${i}`);
    const pads = await open(`classPads${i}`);
    opened.push({
      ...(spatial === undefined ? {} : { spatial }),
      ...(sums === undefined ? {} : { sums }),
      ...(apply === undefined ? {} : { apply }),
      ...(pads === undefined ? {} : { pads }),
    });
  }
  return { embed: await models.model('costEmbed'), layers: opened, upsample: await models.model('upsample') };
}

function hasRole(models: ModelHost, role: string): boolean {
  try {
    models.ports(role);
    return true;
  } catch {
    return false;
  }
}

/** Gives a tensor back before its scope ends. */
export function drop(tensor: Tensor, run: RunContext): void {
  run.scope.keep(tensor).release();
}
