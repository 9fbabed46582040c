import type { GreedyPorts } from '../engine/protocol.js';
import type { OnnxSession } from './onnx-session.js';

const PAST = 'past_key_values.';

/** The ports of a language model and its token embedding, as their files call them. */
export function greedyPorts(model: OnnxSession, embedding: OnnxSession): GreedyPorts {
  const { names } = model.shared;
  const inputs = new Set(model.inputs.map(({ name }) => name));
  // An input that only the manifest has is not fed.
  const optional = (name: string): string | undefined =>
    inputs.has(name) ? names.file(name) || undefined : undefined;
  const [mask, positions, logitsAt] = ['attention_mask', 'position_ids', 'logits_at'].map(optional);
  return {
    ids: embedding.shared.names.file('input_ids'),
    embedded: embedding.shared.names.file('inputs_embeds'),
    embeds: names.file('inputs_embeds'),
    ...(mask !== undefined && { mask }),
    ...(positions !== undefined && { positions }),
    ...(logitsAt !== undefined && { logitsAt }),
    logits: names.file('logits'),
    states: names.file('hidden_states'),
    cache: [...inputs]
      .filter((name) => name.startsWith(PAST))
      .map((name) => [names.file(name), names.file(`present.${name.slice(PAST.length)}`)]),
  };
}
