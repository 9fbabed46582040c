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
  const classes = classesOf(labels ?? []);
  const candidates = [...classes.keys()];
  const named = await stages.CategoryGenerator.name(
    {
      embeddings: embeddings.category,
      ...(embeddings.text === undefined ? {} : { textEmbeddings: embeddings.text }),
      ...(candidates.length === 0 ? {} : { candidates }),
      session,
    },
    run,
  );
  const names = named.map(({ name }) => name);
  if (candidates.length === 0) return names;
  const mapped = names.every((name) => classes.has(name))
    ? names
    : (await stages.LabelMapper.map(names, candidates, run)).map(({ label }) => label);
  return mapped.map((name) => (name === undefined ? undefined : classes.get(name)));
}

/** Every name of the labels, `cat|kitten` having two, with the label it stands for: the first of its names. */
function classesOf(labels: readonly string[]): ReadonlyMap<string, string> {
  const classes = new Map<string, string>();
  for (const label of labels) {
    const names = label
      .split('|')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    for (const name of names) if (!classes.has(name)) classes.set(name, names[0] ?? name);
  }
  return classes;
}
