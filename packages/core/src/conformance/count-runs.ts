import type { ModelHost, ModelSession } from '../ports/model-host.js';

/** A host that counts the model calls which succeed. */
export function countRuns(inner: ModelHost): { readonly host: ModelHost; readonly runs: () => number } {
  let count = 0;
  const counted = (session: ModelSession): ModelSession => ({
    id: session.id,
    device: session.device,
    inputs: session.inputs,
    outputs: session.outputs,
    run: async (feeds, options) => {
      const result = await session.run(feeds, options);
      count++;
      return result;
    },
  });
  const host: ModelHost = {
    bundle: inner.bundle,
    model: async (role) => counted(await inner.model(role)),
    ports: (role) => inner.ports(role),
    tokenizer: () => inner.tokenizer(),
    preset: (name) => inner.preset(name),
    recipe: (id) => inner.recipe(id),
    scope: () => inner.scope(),
    get liveTensors() {
      return inner.liveTensors;
    },
    dispose: () => inner.dispose(),
  };
  return { host, runs: () => count };
}
