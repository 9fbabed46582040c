import type { GraphEditor } from '../onnx/graph-editor.js';
import type { MaskReader } from './prompt-weights.js';

/** Epsilon of SAM's norms over channels (segment-anything, `LayerNorm2d`). */
const EPSILON = 1e-6;

/**
 * Adds SAM's mask downscaling to a graph (segment-anything, `PromptEncoder.mask_downscaling`).
 * @param masks - [N, 1, 4h, 4w] logits
 * @returns [N, C, h, w]
 */
export function addMaskReader(graph: GraphEditor, masks: string, reader: MaskReader): string {
  let at = masks;
  reader.convolutions.forEach(({ weight, shape, bias }, i) => {
    const side = shape[2] ?? 1;
    at = graph.add('Conv', [at, graph.floats(shape, weight), graph.floats([bias.length], bias)], {
      kernel_shape: [side, side],
      strides: [side, side],
    });
    const norm = reader.norms[i];
    if (norm !== undefined) at = gelu(graph, channelNorm(graph, at, norm));
  });
  return at;
}

/** (x - mean) / sqrt(variance + eps) * weight + bias, over the channels. Their mean is a 1 x 1 convolution here. */
function channelNorm(
  graph: GraphEditor,
  x: string,
  { weight, bias }: { weight: Float32Array; bias: Float32Array },
): string {
  const channels = weight.length;
  const average = graph.floats([1, channels, 1, 1], new Float32Array(channels).fill(1 / channels));
  const mean = (of: string): string => graph.add('Conv', [of, average], { kernel_shape: [1, 1] });
  const centred = graph.add('Sub', [x, mean(x)]);
  const variance = mean(graph.add('Mul', [centred, centred]));
  const deviation = graph.add('Sqrt', [graph.add('Add', [variance, graph.floats([], [EPSILON])])]);
  const scaled = graph.add('Mul', [
    graph.add('Div', [centred, deviation]),
    graph.floats([1, channels, 1, 1], weight),
  ]);
  return graph.add('Add', [scaled, graph.floats([1, channels, 1, 1], bias)]);
}

/** x / 2 * (1 + erf(x / sqrt 2)), the exact form. */
function gelu(graph: GraphEditor, x: string): string {
  const erf = graph.add('Erf', [graph.add('Mul', [x, graph.floats([], [Math.SQRT1_2])])]);
  const half = graph.add('Mul', [x, graph.floats([], [0.5])]);
  return graph.add('Mul', [half, graph.add('Add', [erf, graph.floats([], [1])])]);
}
