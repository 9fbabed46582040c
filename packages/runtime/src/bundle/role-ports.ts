/** An axis of a role's port: a fixed length, a named width that must agree across the recipe, or anything (`*`). */
export type RoleAxis = number | string;

/** What a role's model must have. Further ports are its own affair. */
export interface RolePorts {
  readonly inputs: Readonly<Record<string, readonly RoleAxis[]>>;
  readonly outputs: Readonly<Record<string, readonly RoleAxis[]>>;
}

/**
 * The roles of the model plugins. Equal names mean equal lengths wherever they are fixed:
 * `samSide`, `clipSide`, `siglipSide` (input pixels), `embedding` (channels of SAM's features and prompts), `vision`
 * (channels of the CLIP or SigLIP tower), `tokens` (image tokens), `hidden` (states of the language model),
 * `siglipText` (SigLIP's text space).
 */
export const ROLE_PORTS: Readonly<Record<string, RolePorts>> = {
  samEncoder: {
    inputs: { pixel_values: ['*', 3, 'samSide', 'samSide'] },
    outputs: { image_embeddings: ['*', 'embedding', 'samRows', 'samColumns'] },
  },
  samDecoder: {
    inputs: {
      image_embeddings: ['*', 'embedding', 'samRows', 'samColumns'],
      point_coords: ['*', '*', 2],
      point_labels: ['*', '*'],
      mask_input: ['*', 1, '*', '*'],
      has_mask: ['*'],
      embeddings: ['*', '*', 'embedding'],
    },
    outputs: { masks: ['*', '*', '*', '*'], iou: ['*', '*'] },
  },
  clipTower: {
    inputs: { pixel_values: ['*', 3, 'clipSide', 'clipSide'] },
    outputs: { patch_features: ['*', 'tokens', 'vision'] },
  },
  siglipTower: {
    // A tower that reads a mask beside the image has a plane more.
    inputs: { pixel_values: ['*', '*', 'siglipSide', 'siglipSide'] },
    outputs: { patch_features: ['*', 'tokens', 'vision'] },
  },
  siglipText: {
    inputs: { input_ids: ['*', '*'], attention_mask: ['*', '*'] },
    outputs: { text_embed: ['*', 'siglipText'] },
  },
  projector: {
    inputs: { patch_features: ['*', 'tokens', 'vision'] },
    outputs: { image_tokens: ['*', 'tokens', 'hidden'] },
  },
  tokenEmbedding: {
    inputs: { input_ids: ['*', '*'] },
    outputs: { inputs_embeds: ['*', '*', 'hidden'] },
  },
  languageModel: {
    inputs: { inputs_embeds: ['*', '*', 'hidden'], attention_mask: ['*', '*'], position_ids: ['*', '*'] },
    outputs: { logits: ['*', '*', '*'], hidden_states: ['*', '*', 'hidden'] },
  },
  segProjection: {
    inputs: { hidden: ['*', 'hidden'] },
    outputs: { embeddings: ['*', 1, 'embedding'] },
  },
  patchAnalyzer: {
    inputs: { states: ['*', 'hidden'] },
    outputs: {
      objectness: ['*'],
      mask_embeddings: ['*', 'embedding'],
      category_embeddings: ['*', 'hidden'],
    },
  },
};

/** Constants of the presets that name one of these widths: preset, key, width. */
export const PRESET_WIDTHS: readonly (readonly [preset: string, key: string, width: string])[] = [
  ['sam', 'imageSize', 'samSide'],
  ['sam', 'embedDim', 'embedding'],
  ['clip', 'imageSize', 'clipSide'],
  ['siglip', 'imageSize', 'siglipSide'],
  ['llava', 'hidden', 'hidden'],
  ['llava', 'imageTokens', 'tokens'],
];
