import type { NamedWeight } from '../client/safetensors.js';

/** Weights of SAM's prompt encoder that ready-made decoder graphs leave out, row-major float32. */
export interface PromptWeights {
  /** Vectors added to a box's two corners, [C] each. */
  readonly corners?: readonly [Float32Array, Float32Array];
  /** Projects positions, [2, C / 2]; the graph's own, less exact where its weights are quantised, is used without it. */
  readonly positions?: Float32Array;
  /** The network that reads a previous mask; absent where it could not be had. */
  readonly mask?: MaskReader;
}

/** SAM's mask downscaling: conv 2 x 2, norm, GELU, conv 2 x 2, norm, GELU, conv 1 x 1. */
export interface MaskReader {
  /** The three convolutions, each weight with its shape [out, in, k, k] and its bias [out]. */
  readonly convolutions: readonly {
    readonly weight: Float32Array;
    readonly shape: readonly number[];
    readonly bias: Float32Array;
  }[];
  /** The two norms over channels, weight and bias [C]. */
  readonly norms: readonly { readonly weight: Float32Array; readonly bias: Float32Array }[];
}

/** Names of these weights in a `model.safetensors` of Hugging Face's `SamModel`. */
export const PROMPT_WEIGHT_NAMES = [
  'prompt_encoder.shared_embedding.positional_embedding',
  'prompt_encoder.point_embed.2.weight',
  'prompt_encoder.point_embed.3.weight',
  ...['conv1', 'layer_norm1', 'conv2', 'layer_norm2', 'conv3'].flatMap((part) => [
    `prompt_encoder.mask_embed.${part}.weight`,
    `prompt_encoder.mask_embed.${part}.bias`,
  ]),
] as const;

/** Puts the weights together. @param named - by the names of {@link PROMPT_WEIGHT_NAMES}; those missing leave their part out */
export function promptWeights(named: ReadonlyMap<string, NamedWeight>): PromptWeights {
  const [from, to] = [2, 3].map((i) => named.get(`prompt_encoder.point_embed.${i}.weight`));
  const part = (
    name: string,
  ): { weight: Float32Array; shape: readonly number[]; bias: Float32Array } | undefined => {
    const weight = named.get(`prompt_encoder.mask_embed.${name}.weight`);
    const bias = named.get(`prompt_encoder.mask_embed.${name}.bias`);
    if (weight === undefined || bias === undefined) return undefined;
    return { weight: weight.values, shape: weight.shape, bias: bias.values };
  };
  const convolutions = ['conv1', 'conv2', 'conv3'].flatMap((name) => part(name) ?? []);
  const norms = ['layer_norm1', 'layer_norm2'].flatMap((name) => part(name) ?? []);
  const positions = named.get('prompt_encoder.shared_embedding.positional_embedding')?.values;
  return {
    ...(positions === undefined ? {} : { positions }),
    ...(from === undefined || to === undefined ? {} : { corners: [from.values, to.values] as const }),
    ...(convolutions.length === 3 && norms.length === 2 ? { mask: { convolutions, norms } } : {}),
  };
}
