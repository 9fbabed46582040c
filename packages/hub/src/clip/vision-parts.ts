import type { GraphEditor } from '../onnx/graph-editor.js';
import type { GraphNode } from '../onnx/messages.js';

/** The places of a CLIP vision graph that outputs are made from, found by what they do. */
export interface VisionParts {
  /** Every token after the last block, class token first, [B, 1 + L, D]. */
  readonly tokens: string;
  /** The class token among them, cut out, [B, D]. */
  readonly classToken: string;
  /** Every token before the last block. */
  readonly before: string;
  /** What the last block's attention mixes the tokens to, [B, heads, 1 + L, D / heads]. */
  readonly mixed: string;
  /** What it mixes: the tokens' values, of the same shape. */
  readonly values: string;
  /** The image's embedding, not of unit length, [B, E]. */
  readonly embedding: string;
}

/**
 * Finds the places of a CLIP vision tower (Hugging Face's `CLIPVisionModelWithProjection`, or the part of `CLIPModel`).
 * @param output - the image's embedding as the graph gives it
 * @throws MaskloomError MODEL_UNSUPPORTED naming what was not found
 */
export function findVisionParts(graph: GraphEditor, output: string): VisionParts {
  const last = graph.producer(output);
  // A graph with both towers gives unit vectors: the division by their length comes last.
  const embedding = last?.op === 'Div' ? (last.inputs[0] ?? output) : output;
  const cut = nearest(graph, embedding, (node) => {
    const index = graph.constant(node.inputs[1] ?? '')?.values;
    return node.op === 'Gather' && graph.attribute(node, 'axis') === 1 && String(index) === '0';
  });
  const tokens = cut?.inputs[0];
  const classToken = cut?.outputs[0];
  if (tokens === undefined || classToken === undefined)
    throw graph.unsupported('the class token is nowhere cut out before the projection');
  const { mixed, values } = attentionBefore(graph, tokens, 'the last block');
  const before = residual(graph, residual(graph, tokens));
  return { tokens, classToken, before, mixed, values, embedding };
}

/**
 * The attention before a tensor: what comes of mixing, [B, heads, .., D / heads] or with both first axes as one, and what is mixed.
 * @throws MaskloomError MODEL_UNSUPPORTED
 */
export function attentionBefore(
  graph: GraphEditor,
  tensor: string,
  whose: string,
): Pick<VisionParts, 'mixed' | 'values'> {
  const softmax = nearest(graph, tensor, (node) => node.op === 'Softmax');
  const weights = softmax?.outputs[0] ?? '';
  const mix = softmax === undefined ? undefined : graph.nodes.find((node) => mixes(graph, node, weights));
  const [mixed, values] = [mix?.outputs[0], mix?.inputs[1]];
  if (mixed !== undefined && values !== undefined) return { mixed, values };
  throw graph.unsupported(`the attention of ${whose} is not a Softmax and a MatMul with the values`);
}

function mixes(graph: GraphEditor, node: GraphNode, weights: string): boolean {
  return node.op === 'MatMul' && graph.origin(node.inputs[0] ?? '') === weights;
}

/** The nearest node before a tensor that is of a kind, by number of nodes between. */
function nearest(graph: GraphEditor, from: string, is: (node: GraphNode) => boolean): GraphNode | undefined {
  const seen = new Set<string>([from]);
  const queue = [from];
  for (const name of queue) {
    const node = graph.producer(name);
    if (node === undefined) continue;
    if (is(node)) return node;
    for (const input of node.inputs) {
      if (seen.has(input)) continue;
      seen.add(input);
      queue.push(input);
    }
  }
  return undefined;
}

/** Of a sum of a tensor and what was worked out from it: that tensor. */
export function residual(graph: GraphEditor, sum: string): string {
  const node = graph.producer(graph.origin(sum));
  const [a, b] = node?.op === 'Add' ? node.inputs : [];
  if (a !== undefined && b !== undefined) {
    if (graph.dependents(a).has(b)) return a;
    if (graph.dependents(b).has(a)) return b;
  }
  throw graph.unsupported('its last block does not add its parts to what it was given');
}
