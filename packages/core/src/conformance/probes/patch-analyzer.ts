import { must, mustLieWithin } from '../expectations.js';
import { probe } from '../probe.js';

/** Probe of the slot PatchAnalyzer. */
export const patchAnalyzerProbe = probe('PatchAnalyzer', {
  call: (stage, at, run) => stage.analyze(at.tokens('hidden'), run),
  check({ rows, columns, objectness, maskEmbeddings, categoryEmbeddings, textEmbeddings, roles }) {
    const patches = rows * columns;
    must(patches > 0, 'There are no patches.');
    must(objectness.length === patches, `${objectness.length} objectness values for ${patches} patches.`);
    mustLieWithin(objectness, 0, 1, 'objectness');
    must(roles === undefined || roles.length === patches, `${roles?.length} roles for ${patches} patches.`);
    for (const tensor of [maskEmbeddings, categoryEmbeddings, textEmbeddings]) {
      if (tensor === undefined) continue;
      must(
        tensor.dims.length === 2 && tensor.dims[0] === patches,
        `Embeddings are [${tensor.dims.join(', ')}] for ${patches} patches.`,
      );
    }
  },
});
