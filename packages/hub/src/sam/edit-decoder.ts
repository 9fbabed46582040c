import { GraphEditor } from '../onnx/graph-editor.js';
import type { GraphFile } from '../onnx/graph-file.js';
import { ELEMENT, type GraphPort } from '../onnx/messages.js';
import { findDecoderParts } from './decoder-parts.js';
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

const PORTS = {
  points: 'input_points',
  image: 'image_embeddings',
  masks: 'pred_masks',
  qualities: 'iou_scores',
} as const;
const LABELS = 'input_labels';
const POSITIONS = 'image_positional_embeddings';
/** A label that SAM's prompt encoder gives no meaning: such a point is its position and nothing else. */
const PLAIN_POINT = 5;

/**
 * Makes a ready-made decoder of SAM (`prompt_encoder_mask_decoder.onnx`) into the one that `sam/mask-decoder` calls: N
 * prompts in axis 0, embeddings as prompts, no pad point of its own, boxes and previous masks where their weights are
 * given, all four masks, and the image's positions inside.
 * @returns the changed graph, to be written
 * @throws MaskloomError MODEL_UNSUPPORTED naming what the graph lacks
 */
export function editSamDecoder(file: GraphFile, shape: SamShape, weights: PromptWeights): GraphEditor {
  const graph = new GraphEditor(file, "SAM's mask decoder");
  const points = graph.input(PORTS.points);
  const labels = graph.input(LABELS);
  for (const name of [PORTS.image, POSITIONS]) graph.input(name);
  for (const name of [PORTS.masks, PORTS.qualities]) graph.output(name);
  const parts = findDecoderParts(graph, PORTS);
  const inner = elementOf(graph, parts.tokens);

  const { element } = graph.input(POSITIONS);
  const grid =
    weights.positions === undefined
      ? encodedGrid(graph, parts.sparse, shape, [points, labels])
      : graph.floats(
          [1, shape.width, shape.cells, shape.cells],
          gridPositions(weights.positions, shape.cells),
        );
  graph.replace(POSITIONS, graph.cast(grid, element));

  // Whoever asked for the prompts' tokens, or only for their number, gets the new ones.
  graph.replace(parts.sparse, sparsePrompts(graph, parts.sparse, [points, labels], weights, inner));

  const dense = weights.mask === undefined ? parts.dense : densePrompts(graph, parts.dense, weights.mask);
  const add = graph.nodes.find(({ outputs }) => outputs[0] === parts.addDense.outputs[0]) ?? parts.addDense;
  graph.replaceNode(add, { ...add, inputs: [parts.image, dense] });

  graph.replace(points.name, graph.unsqueeze('point_coords', 1));
  graph.replace(labels.name, graph.unsqueeze('point_labels', 1));

  // One image for N prompts: its features as often as there are prompts.
  const count = graph.lengths('point_coords', 0, 1);
  const each = graph.fresh('image');
  graph.replace(PORTS.image, each);
  graph.add(
    'Expand',
    [PORTS.image, graph.add('Concat', [count, graph.ints([1, 1, 1])], { axis: 0 })],
    {},
    each,
  );

  // Graphs of float16 inside may give float32 outside: the type is set right at the edge.
  for (const [from, to] of [
    [parts.masks, 'masks'],
    [parts.qualities, 'iou'],
  ] as const)
    graph.add('Cast', [graph.add('Gather', [from, graph.ints(0)], { axis: 1 })], { to: ELEMENT.float32 }, to);
  const { cells, width } = shape;
  graph.inputs = [
    { ...graph.input(PORTS.image), shape: [1, width, cells, cells] },
    port('point_coords', ['N', 'P', 2]),
    { ...port('point_labels', ['N', 'P']), element: ELEMENT.int64 },
    port('mask_input', ['M', 1, 4 * cells, 4 * cells]),
    port('has_mask', ['N']),
    port('embeddings', ['N', 'E', width]),
  ];
  graph.outputs = [port('masks', ['N', 4, 4 * cells, 4 * cells]), port('iou', ['N', 4])];
  return graph;
}

/** The graph's point encoding with other points and labels, the pad behind them taken off: [B, P, points, C]. */
function encodedPoints(
  graph: GraphEditor,
  sparse: string,
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
  return graph.slice(graph.repeat(sparse, instead), 2, 0, -1);
}

/** The image's positions as the graph's own encoding of points has them for the middles of the cells. */
function encodedGrid(
  graph: GraphEditor,
  sparse: string,
  { imageSize, cells, width }: SamShape,
  ports: readonly [GraphPort, GraphPort],
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
  const encoded = encodedPoints(graph, sparse, ports, coords, marks);
  const asGrid = graph.add('Reshape', [encoded, graph.ints([1, cells, cells, width])]);
  return graph.add('Transpose', [asGrid], { perm: [0, 3, 1, 2] });
}

/** Points, box corners and embeddings as the decoder's prompt tokens, [N, 1, P + E, C]. */
function sparsePrompts(
  graph: GraphEditor,
  sparse: string,
  ports: readonly [GraphPort, GraphPort],
  { corners }: PromptWeights,
  inner: number,
): string {
  const coords = graph.unsqueeze('point_coords', 1);
  const marks = graph.unsqueeze('point_labels', 1);
  let encoded = encodedPoints(graph, sparse, ports, coords, marks);
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
