import type { BuiltStages, LanguageSession, RunContext, SegmentRequest } from '@maskloom/core';
import type { ChosenEmbeddings } from '../select/gather.js';
import type { RoseWiring } from './wiring.js';

/**
 * A name for each proposal, in order: the phrase itself for a referring request; what the generator says; brought to
 * one of the request's labels where it has some. A name that fits no label is undefined: its proposal goes.
 */
export async function nameProposals(
  stages: Pick<BuiltStages<RoseWiring>, 'CategoryGenerator' | 'LabelMapper'>,
  { task, text = '', labels }: SegmentRequest,
  embeddings: ChosenEmbeddings,
  session: LanguageSession,
  run: RunContext,
): Promise<readonly (string | undefined)[]> {
  const count = embeddings.category.dims[0] ?? 0;
  if (count === 0) return [];
  if (task === 'referring') return Array.from({ length: count }, () => text);
  const candidates = labels !== undefined && labels.length > 0 ? labels : undefined;
  const named = await stages.CategoryGenerator.name(
    {
      embeddings: embeddings.category,
      ...(embeddings.text === undefined ? {} : { textEmbeddings: embeddings.text }),
      ...(candidates === undefined ? {} : { candidates }),
      session,
    },
    run,
  );
  const names = named.map(({ name }) => name);
  if (candidates === undefined || names.every((name) => candidates.includes(name))) return names;
  return (await stages.LabelMapper.map(names, candidates, run)).map(({ label }) => label);
}
