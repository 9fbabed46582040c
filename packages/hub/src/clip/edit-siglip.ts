import { GraphEditor } from '../onnx/graph-editor.js';
import type { GraphFile } from '../onnx/graph-file.js';
import { ELEMENT, type GraphPort } from '../onnx/messages.js';
import { attentionBefore, residual } from './vision-parts.js';

/** Sizes of a SigLIP vision tower, from its configuration. */
export interface SiglipShape {
  /** Patches in all. */
  readonly tokens: number;
  /** Channels of the tower and of the space that images and texts share. */
  readonly width: number;
  /** Heads of its attention. */
  readonly heads: number;
}

/** Nodes that only move values about. */
const MOVES = ['Identity', 'Cast', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze'];

/**
 * Gives a ready-made SigLIP vision graph text-aligned tokens, `dense`: its pooling head asked about one token at a time, as
 * MaskCLIP (section 3.2) leaves attention out of CLIP's last block. `patch_features` and `image_embed` are what it gave before.
 * @throws MaskloomError MODEL_UNSUPPORTED naming what the graph lacks
 */
export function editSiglipVision(file: GraphFile, { tokens, width, heads }: SiglipShape): GraphEditor {
  const graph = new GraphEditor(file, "SigLIP's vision tower");
  const pixels = graph.input('pixel_values');
  const states = graph.output('last_hidden_state').name;
  const pooled = graph.output('pooler_output').name;
  // The head: attention of one learnt query, projected; to that its norm and MLP are added.
  const attended = residual(graph, lastSum(graph, pooled));
  const { mixed, values } = attentionBefore(graph, attended, 'its pooling head');
  const mixedRows = endOfMoves(graph, mixed);
  const projected = graph.origin(attended, MOVES);

  // Attention to one token alone is its value. Tokens take the images' place: exports fix the number of tokens, not of images.
  const split = graph.add('Reshape', [values, graph.ints([-1, heads, tokens, width / heads])]);
  const perToken = graph.add('Transpose', [split], { perm: [0, 2, 1, 3] });
  const rows = graph.add('Reshape', [perToken, graph.ints([-1, width])]);
  const alone = graph.repeat(projected, new Map([[mixedRows, rows]]));
  if (alone === projected) throw graph.unsupported('its pooling head does not project what it attends to');
  const images = graph.add('Reshape', [alone, graph.ints([-1, 1, width])]);
  const each = graph.repeat(pooled, new Map([[attended, images]]));
  const give = (from: string, name: string): string =>
    graph.add('Cast', [from], { to: ELEMENT.float32 }, name);
  give(states, 'patch_features');
  give(pooled, 'image_embed');
  give(graph.add('Reshape', [each, graph.ints([-1, tokens, width])]), 'dense');
  const port = (name: string, shape: GraphPort['shape']): GraphPort => ({
    name,
    element: ELEMENT.float32,
    shape,
  });
  graph.inputs = [{ ...pixels, shape: ['B', ...pixels.shape.slice(1)] }];
  graph.outputs = [
    port('patch_features', ['B', tokens, width]),
    port('image_embed', ['B', width]),
    port('dense', ['B', tokens, width]),
  ];
  return graph;
}

/** The sum that a tensor is taken from. */
function lastSum(graph: GraphEditor, tensor: string): string {
  const sum = graph.origin(tensor, [...MOVES, 'Gather', 'Slice']);
  if (graph.producer(sum)?.op === 'Add') return sum;
  throw graph.unsupported('its pooler_output is not a sum of an attention and an MLP');
}

/** Where a tensor is first used for more than to be moved about. */
function endOfMoves(graph: GraphEditor, tensor: string): string {
  for (let at = tensor; ;) {
    const next = graph.consumers(at).find(({ op, inputs }) => MOVES.includes(op) && inputs[0] === at);
    const output = next?.outputs[0];
    if (output === undefined) return at;
    at = output;
  }
}
