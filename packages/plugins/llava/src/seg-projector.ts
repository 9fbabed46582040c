import { z } from 'zod';
import {
  defineStage,
  MaskloomError,
  QueryProjector,
  type ModelSession,
  type RunContext,
  type Tensor,
} from '@maskloom/core';

/** LISA's projection of `<SEG>` states to the mask decoder's prompt embeddings (Linear, ReLU, Linear). */
export const segProjector = defineStage({
  slot: QueryProjector,
  name: 'llava/seg-projector',
  summary: 'The projection of <SEG> states to prompt embeddings of the mask decoder.',
  options: z.object({}),
  needs: ['query-state'],
  gives: ['embedding-prompt'],
  async create(_, { models }) {
    const session = await models.model('segProjection');
    const hidden = session.inputs[0]?.shape.at(-1);
    const embedding = session.outputs[0]?.shape.at(-1);
    return {
      widths: {
        ...(typeof hidden === 'number' ? { hidden } : {}),
        ...(typeof embedding === 'number' ? { embedding } : {}),
      },
      device: session.device,
      project: (states: readonly Tensor[], run: RunContext) => project(session, states, run),
    };
  },
});

async function project(session: ModelSession, states: readonly Tensor[], run: RunContext): Promise<Tensor> {
  const rows = await Promise.all(states.map((state) => state.read()));
  const width = rows[0]?.length ?? 0;
  if (width === 0 || rows.some((row) => row.length !== width)) {
    throw new MaskloomError('VALUE_INVALID', `${states.length} query states of unequal or no width.`, {
      where: 'llava/seg-projector',
      hint: 'Give one [1, hidden] state per query, at least one.',
    });
  }
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => data.set(row, i * width));
  const hidden = { dtype: 'float32' as const, dims: [rows.length, width], data };
  const { embeddings } = await session.run({ hidden }, { scope: run.scope, signal: run.signal });
  if (embeddings === undefined) throw new Error(`Model ${session.id} gave no output 'embeddings'.`);
  return embeddings;
}
