import {
  type ImageFrame,
  type LanguageSession,
  type PatchProposals,
  type Prediction,
  type ResolvedInstruction,
  type RunContext,
  type Segment,
  type SlotStages,
} from '@maskloom/core';
import { gather, NAMELESS } from '@maskloom/rose';

/** Who can say a name, and what is known. */
export interface Namers {
  readonly generator: SlotStages['CategoryGenerator'];
  /** How many patches are asked for another name at most. */
  readonly most: number;
  readonly proposals: PatchProposals;
  /** Patches in the order in which they are asked. */
  readonly ranked: readonly number[];
  readonly session: LanguageSession;
  readonly image: ImageFrame;
  readonly prediction: Prediction;
  readonly instruction: ResolvedInstruction;
  readonly old: Segment | undefined;
}

/**
 * The name after a turn: the one that was said to be right, if any; the old one where only the mask is wrong; else what
 * the generator makes of the patches. Where the name is wrong the next best patches are asked until one does not repeat
 * it; when all repeat it, it stays. Labels that the prediction was asked with are the generator's candidates.
 */
export async function chooseName(namers: Namers, run: RunContext): Promise<string> {
  const { instruction, old, ranked, most } = namers;
  const { situation, name: given, wrong = old?.label ?? '' } = instruction;
  if (given !== undefined) return given;
  if (situation === 'mask') return old?.label ?? '';
  const written = await namesOf(namers, ranked.slice(0, situation === 'category' ? most : 1), run);
  if (situation === 'missed') return written[0] || NAMELESS;
  const other = written.find(
    (name) => name !== '' && name !== NAMELESS && name.toLowerCase() !== wrong.toLowerCase(),
  );
  if (other !== undefined) return other;
  run.warn(`No other name than '${wrong}' was found.`);
  return old?.label ?? wrong;
}

async function namesOf(
  { generator, proposals, session, image, prediction }: Namers,
  patches: readonly number[],
  run: RunContext,
): Promise<readonly string[]> {
  const { category, text } = await gather(proposals, patches);
  const { labels } = prediction.request;
  const named = await generator.name(
    {
      embeddings: category,
      ...(text === undefined ? {} : { textEmbeddings: text }),
      ...(labels === undefined || labels.length === 0 ? {} : { candidates: labels }),
      session,
      image,
    },
    run,
  );
  return named.map(({ name }) => name);
}
