import { GraphEditor } from '../onnx/graph-editor.js';
import type { GraphFile } from '../onnx/graph-file.js';
import { ELEMENT, type GraphPort } from '../onnx/messages.js';
import { findDecoderParts, type DecoderParts, type DecoderPorts } from './decoder-parts.js';
import { gridPositions } from './grid-positions.js';
import { addMaskReader } from './mask-reader.js';
import type { PromptWeights } from './prompt-weights.js';

/** What is known of a SAM from its configuration. */
export interface SamShape {
  /** Side of the square input in pixels. */
  readonly imageSize: number;
  /** Cells of the image's features along a side. */
  readonly cells: number;
  /** Channels of the image's features and of prompts. */
  readonly width: number;
}

/** How a family of decoders calls its ports, and what is in its graphs. */
export interface DecoderForm {
  readonly ports: DecoderPorts;
  /** The image's positions, where they are an input. */
  readonly positions?: string;
  /** The image's finer levels, finest first. */
  readonly finer: readonly string[];
  /** True where box corners are points with labels 2 and 3 to the graph itself. */
  readonly knowsCorners: boolean;
}

const NAMES = {
  points: 'input_points',
  labels: 'input_labels',
  masks: 'pred_masks',
  qualities: 'iou_scores',
} as const;

/** SAM and SlimSAM. */
export const SAM_FORM: DecoderForm = {
  ports: { ...NAMES, image: 'image_embeddings' },
  positions: 'image_positional_embeddings',
  finer: [],
  knowsCorners: false,
};

/** SAM 2 and its like: features on three levels, positions inside, boxes as an input of their own. */
export const SAM2_FORM: DecoderForm = {
  ports: { ...NAMES, image: 'image_embeddings.2', boxes: 'input_boxes' },
  finer: ['image_embeddings.0', 'image_embeddings.1'],
  knowsCorners: true,
};

/** A label that SAM's prompt encoder gives no meaning: such a point is its position and nothing else. */
const PLAIN_POINT = 5;

/**
 * Makes a ready-made decoder of SAM (`prompt_encoder_mask_decoder.onnx`) into the one that `sam/mask-decoder` calls: N
 * prompts in axis 0, embeddings as prompts, no pad point of its own, boxes and previous masks where their weights are
 * given, all four masks, and the image's positions inside.
 * @returns the changed graph, to be written
 * @throws MaskloomError MODEL_UNSUPPORTED naming what the graph lacks
 */
export function editSamDecoder(
  file: GraphFile,
  form: DecoderForm,
  shape: SamShape,
  weights: PromptWeights,
): GraphEditor {
  const graph = new GraphEditor(file, "SAM's mask decoder");
  const { ports, positions, finer } = form;
  const points = graph.input(ports.points);
  const labels = graph.input(ports.labels);
  const image = graph.input(ports.image);
  const levels = finer.map((name) => graph.input(name));
  for (const name of [ports.masks, ports.qualities]) graph.output(name);
  const parts = findDecoderParts(graph, ports);
  const inner = elementOf(graph, parts.tokens);
  const encode: EncodePoints = (coords, marks) =>
    encodedPoints(graph, parts, [points, labels], coords, marks);

  if (positions !== undefined) {
    const { element } = graph.input(positions);
    const grid =
      weights.positions === undefined
        ? encodedGrid(graph, shape, encode)
        : graph.floats(
            [1, shape.width, shape.cells, shape.cells],
            gridPositions(weights.positions, shape.cells),
          );
    graph.replace(positions, graph.cast(grid, element));
  }

  // Whoever asked for the prompts' tokens, or only for their number, gets the new ones.
  const corners = form.knowsCorners ? undefined : weights.corners;
  graph.replace(parts.sparse, sparsePrompts(graph, encode, corners, inner));

  const dense = weights.mask === undefined ? parts.dense : densePrompts(graph, parts.dense, weights.mask);
  const add = graph.nodes.find(({ outputs }) => outputs[0] === parts.addDense.outputs[0]) ?? parts.addDense;
  graph.replaceNode(add, { ...add, inputs: [parts.image, dense] });

  graph.replace(points.name, graph.unsqueeze('point_coords', 1));
  graph.replace(labels.name, graph.unsqueeze('point_labels', 1));

  // One image for N prompts: its features as often as there are prompts.
  const count = graph.lengths('point_coords', 0, 1);
  const each = graph.fresh('image');
  graph.replace(ports.image, each);
  const times = graph.add('Concat', [count, graph.ints([1, 1, 1])], { axis: 0 });
  graph.add('Expand', ['image_embeddings', times], {}, each);
  finer.forEach((name, i) => graph.replace(name, `high_res_${i}`));

  // Graphs of float16 inside may give float32 outside: the type is set right at the edge.
  for (const [from, to] of [
    [parts.masks, 'masks'],
    [parts.qualities, 'iou'],
  ] as const)
    graph.add('Cast', [graph.add('Gather', [from, graph.ints(0)], { axis: 1 })], { to: ELEMENT.float32 }, to);
  const { cells, width } = shape;
  graph.inputs = [
    { ...image, name: 'image_embeddings', shape: [1, width, cells, cells] },
    ...levels.map((level, i) => ({ ...level, name: `high_res_${i}` })),
    port('point_coords', ['N', 'P', 2]),
    { ...port('point_labels', ['N', 'P']), element: ELEMENT.int64 },
    port('mask_input', ['M', 1, 4 * cells, 4 * cells]),
    port('has_mask', ['N']),
    port('embeddings', ['N', 'E', width]),
  ];
  graph.outputs = [port('masks', ['N', 4, 4 * cells, 4 * cells]), port('iou', ['N', 4])];
  return graph;
}

/** The tokens of points [B, P, n, 2] with labels [B, P, n], without a pad of the graph's own: [B, P, n, C]. */
type EncodePoints = (coords: string, marks: string) => string;

/** The graph's point encoding with other points and labels, the pad behind them taken off: [B, P, points, C]. */
function encodedPoints(
  graph: GraphEditor,
  parts: DecoderParts,
  [points, labels]: readonly [GraphPort, GraphPort],
  coords: string,
  marks: string,
): string {
  const typed = (name: string, from: number, port: GraphPort): string =>
    port.element === from ? name : graph.cast(name, port.element);
  const instead = new Map([
    [points.name, typed(coords, ELEMENT.float32, points)],
    [labels.name, typed(marks, ELEMENT.int64, labels)],
  ]);
  const encoded = graph.repeat(parts.points, instead);
  return parts.padded ? graph.slice(encoded, 2, 0, -1) : encoded;
}

/** The image's positions as the graph's own encoding of points has them for the middles of the cells. */
function encodedGrid(
  graph: GraphEditor,
  { imageSize, cells, width }: SamShape,
  encode: EncodePoints,
): string {
  const step = imageSize / cells;
  const grid = Float32Array.from({ length: cells * cells * 2 }, (_, i) => {
    const cell = i >> 1;
    const place = i % 2 === 0 ? cell % cells : Math.floor(cell / cells);
    // The graph adds half a pixel.
    return (place + 0.5) * step - 0.5;
  });
  const coords = graph.floats([1, 1, cells * cells, 2], grid);
  const marks = graph.ints(new Array<number>(cells * cells).fill(PLAIN_POINT), [1, 1, cells * cells]);
  const asGrid = graph.add('Reshape', [encode(coords, marks), graph.ints([1, cells, cells, width])]);
  return graph.add('Transpose', [asGrid], { perm: [0, 3, 1, 2] });
}

/** Points, box corners and embeddings as the decoder's prompt tokens, [N, 1, P + E, C]. */
function sparsePrompts(
  graph: GraphEditor,
  encode: EncodePoints,
  corners: PromptWeights['corners'],
  inner: number,
): string {
  const coords = graph.unsqueeze('point_coords', 1);
  const marks = graph.unsqueeze('point_labels', 1);
  let encoded = encode(coords, marks);
  corners?.forEach((vector, i) => {
    const chosen = graph.cast(graph.add('Equal', [marks, graph.ints(2 + i)]), ELEMENT.float32);
    const added = graph.add('Mul', [graph.unsqueeze(chosen, 3), graph.floats([vector.length], vector)]);
    encoded = graph.add('Add', [encoded, cast(graph, added, inner)]);
  });
  const embeddings = cast(graph, graph.unsqueeze('embeddings', 1), inner);
  return graph.add('Concat', [encoded, embeddings], { axis: 2 });
}

/** What previous masks say, where a prompt has one, [N, C, h, w]. */
function densePrompts(graph: GraphEditor, none: string, reader: NonNullable<PromptWeights['mask']>): string {
  const inner = elementOf(graph, none);
  const read = cast(graph, addMaskReader(graph, 'mask_input', reader), inner);
  const shape = graph.add('Concat', [graph.lengths('has_mask', 0, 1), graph.ints([1, 1, 1])], { axis: 0 });
  const has = graph.add('Reshape', [graph.add('Greater', ['has_mask', graph.floats([], [0])]), shape]);
  return graph.add('Where', [has, read, none]);
}

function cast(graph: GraphEditor, name: string, element: number): string {
  return element === ELEMENT.float32 ? name : graph.cast(name, element);
}

/** The element type of a tensor that is made from constants by nodes that keep their type. */
function elementOf(graph: GraphEditor, name: string): number {
  for (let at = name; ;) {
    const node = graph.producer(at);
    if (node === undefined) return graph.file.initializers.get(at)?.element ?? ELEMENT.float32;
    if (node.op === 'Cast') return graph.attribute(node, 'to') ?? ELEMENT.float32;
    const constant = graph.constant(at);
    if (constant !== undefined) return constant.element;
    at = node.inputs[0] ?? '';
  }
}

function port(name: string, shape: readonly (number | string)[]): GraphPort {
  return { name, element: ELEMENT.float32, shape };
}
