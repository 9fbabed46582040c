import { must, mustAgree, mustBeFinite } from '../expectations.js';
import { probe } from '../probe.js';

/** Probe of the slot QueryProjector. */
export const queryProjectorProbe = probe('QueryProjector', {
  call: (stage, at, run) =>
    stage.project(
      [3, 4, 5].map((seed) => at.tensor([1, at.sizes.hidden], seed)),
      run,
    ),
  async check(projected) {
    must(
      projected.dims.length === 3 && projected.dims[0] === 3,
      `Three states gave [${projected.dims.join(', ')}], not [3, E, width].`,
    );
    mustBeFinite(await projected.read(), 'embeddings');
  },
  extra: {
    'projects each state by itself': async (stage, at, run) => {
      const states = [3, 4].map((seed) => at.tensor([1, at.sizes.hidden], seed));
      const together = await (await stage.project(states, run)).read();
      const alone = await (await stage.project(states.slice(1), run)).read();
      mustAgree(
        together.subarray(together.length / 2),
        alone,
        1e-4,
        'the second state, projected with another',
      );
    },
  },
});
