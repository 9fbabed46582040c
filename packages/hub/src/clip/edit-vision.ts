import { GraphEditor } from '../onnx/graph-editor.js';
import type { GraphFile } from '../onnx/graph-file.js';
import { ELEMENT, type GraphPort } from '../onnx/messages.js';
import { findVisionParts } from './vision-parts.js';

/** Sizes of a vision tower, from its configuration. */
export interface VisionShape {
  /** Side of the square input in pixels. */
  readonly imageSize: number;
  /** Patches in all. */
  readonly tokens: number;
  /** Channels of the tower. */
  readonly width: number;
  /** Channels of the space that images and texts share. */
  readonly projection: number;
}

const END = 2 ** 31 - 1;

/**
 * Gives a ready-made CLIP vision graph the outputs of its inside: `patch_features` (the tokens before the last block, as
 * LLaVA reads them), `dense` (text-aligned tokens, the last block's attention left out but for the values: MaskCLIP,
 * section 3.2; CAT-Seg), `last_hidden_state` (every token after the last block) and `image_embed` (not of unit length).
 * @throws MaskloomError MODEL_UNSUPPORTED naming what the graph lacks
 */
export function editClipVision(file: GraphFile, shape: VisionShape): GraphEditor {
  const graph = new GraphEditor(file, "CLIP's vision tower");
  const pixels = graph.input('pixel_values');
  const parts = findVisionParts(graph, graph.output('image_embeds').name);

  const alone = graph.repeat(parts.tokens, new Map([[parts.mixed, parts.values]]));
  const patches = graph.slice(alone, 1, 1, END);
  // What is done to the one class token of each image is done to every patch: patches take the images' place.
  const flat = graph.add('Reshape', [
    patches,
    graph.add('Concat', [graph.ints([-1]), graph.lengths(patches, 2, 3)], { axis: 0 }),
  ]);
  const aligned = graph.repeat(parts.embedding, new Map([[parts.classToken, flat]]));
  const perImage = graph.add('Concat', [graph.lengths(patches, 0, 2), graph.ints([-1])], { axis: 0 });

  const give = (from: string, name: string): string =>
    graph.add('Cast', [from], { to: ELEMENT.float32 }, name);
  give(graph.slice(parts.before, 1, 1, END), 'patch_features');
  give(graph.add('Reshape', [aligned, perImage]), 'dense');
  give(parts.tokens, 'last_hidden_state');
  give(parts.embedding, 'image_embed');
  const { imageSize, tokens, width, projection } = shape;
  const port = (name: string, axes: GraphPort['shape']): GraphPort => ({
    name,
    element: ELEMENT.float32,
    shape: axes,
  });
  graph.inputs = [{ ...pixels, shape: ['B', 3, imageSize, imageSize] }];
  graph.outputs = [
    port('patch_features', ['B', tokens, width]),
    port('dense', ['B', tokens, projection]),
    port('last_hidden_state', ['B', tokens + 1, width]),
    port('image_embed', ['B', projection]),
  ];
  return graph;
}

/**
 * The text half of a CLIP graph that has both: `input_ids`, `attention_mask` to `text_embed`, not of unit length.
 * @throws MaskloomError MODEL_UNSUPPORTED naming what the graph lacks
 */
export function editClipText(file: GraphFile, projection: number): GraphEditor {
  const graph = new GraphEditor(file, "CLIP's text tower");
  const names = ['input_ids', 'attention_mask'];
  const ports = names.map((name) => graph.input(name));
  const output = graph.output('text_embeds').name;
  const last = graph.producer(output);
  const embedding = last?.op === 'Div' ? (last.inputs[0] ?? output) : output;
  graph.add('Cast', [embedding], { to: ELEMENT.float32 }, 'text_embed');
  graph.inputs = ports.map((one) => ({ ...one, shape: ['B', 'T'] }));
  graph.outputs = [{ name: 'text_embed', element: ELEMENT.float32, shape: ['B', projection] }];
  return graph;
}
