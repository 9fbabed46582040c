import type { GraphEditor } from '../onnx/graph-editor.js';
import type { GraphNode } from '../onnx/messages.js';

/** The places of a ready-made SAM decoder that are changed, found by what they do. */
export interface DecoderParts {
  /** Joins the decoder's own tokens with the prompts' along the tokens: its second input is the prompts'. */
  readonly join: GraphNode;
  /** The decoder's own tokens: the first input of `join`. */
  readonly tokens: string;
  /** The prompts' tokens, [B, P, points + pad (+ boxes), C]. */
  readonly sparse: string;
  /** Those of points alone, [B, P, points + pad, C]. */
  readonly points: string;
  /** Whether the graph puts a pad point behind the points. */
  readonly padded: boolean;
  /** Adds what a previous mask says to the image's features. */
  readonly addDense: GraphNode;
  /** The image's features at that place. */
  readonly image: string;
  /** What stands for "no previous mask", [B or 1, C, h, w]. */
  readonly dense: string;
  /** All four masks, [B, P, 4, 4h, 4w]: the single one first. */
  readonly masks: string;
  /** Their predicted qualities, [B, P, 4]. */
  readonly qualities: string;
}

/** Names of a ready-made decoder's ports. */
export interface DecoderPorts {
  readonly points: string;
  readonly labels: string;
  /** Boxes, where the graph takes them by themselves. */
  readonly boxes?: string;
  readonly image: string;
  readonly masks: string;
  readonly qualities: string;
}

/**
 * Finds the places of a SAM decoder graph (Hugging Face's `SamModel` without its vision encoder, as optimum exports it).
 * @throws MaskloomError MODEL_UNSUPPORTED naming what was not found
 */
export function findDecoderParts(graph: GraphEditor, ports: DecoderPorts): DecoderParts {
  const prompts = graph.dependents(ports.points);
  const image = graph.dependents(ports.image);
  const join = graph.nodes.find((node) => {
    const [tokens = '', sparse = ''] = node.inputs;
    const axis = graph.attribute(node, 'axis');
    const apart = !prompts.has(tokens) && prompts.has(sparse) && !image.has(tokens) && !image.has(sparse);
    return node.op === 'Concat' && node.inputs.length === 2 && (axis === 2 || axis === -2) && apart;
  });
  if (join === undefined) throw graph.unsupported("its own tokens and the prompts' are nowhere joined");
  const addDense = graph.nodes.find(
    (node) => node.op === 'Add' && node.inputs.some((input) => graph.origin(input) === ports.image),
  );
  const of = addDense?.inputs.find((input) => graph.origin(input) === ports.image);
  const dense = addDense?.inputs.find((input) => input !== of);
  if (addDense === undefined || of === undefined || dense === undefined)
    throw graph.unsupported("nothing is added to the image's features for a previous mask");
  const [tokens = '', sparse = ''] = join.inputs;
  const masks = beforeSlice(graph, ports.masks);
  const qualities = beforeSlice(graph, ports.qualities);
  const points = pointTokens(graph, sparse, ports);
  const padded = pads(graph, ports.labels);
  return { join, tokens, sparse, points, padded, addDense, image: of, dense, masks, qualities };
}

/** Of the prompts' tokens those of points alone: where boxes come in by themselves, what they are joined to. */
function pointTokens(graph: GraphEditor, sparse: string, { points, boxes }: DecoderPorts): string {
  const boxed = boxes === undefined ? new Set<string>() : graph.dependents(boxes);
  if (!boxed.has(sparse)) return sparse;
  const pointed = graph.dependents(points);
  const node = graph.producer(graph.origin(sparse));
  const found =
    node?.op === 'Concat' ? node.inputs.find((input) => pointed.has(input) && !boxed.has(input)) : undefined;
  if (found !== undefined) return found;
  throw graph.unsupported('the tokens of points and of boxes are not joined by a Concat');
}

/** Whether a label is put behind those given. */
function pads(graph: GraphEditor, labels: string): boolean {
  const readers = graph.consumers(labels);
  const casts = readers.filter(({ op }) => op === 'Cast' || op === 'Identity');
  const all = [...readers, ...casts.flatMap(({ outputs }) => graph.consumers(outputs[0] ?? ''))];
  return all.some(({ op }) => op === 'Pad' || op === 'Concat');
}

/** What an output was cut from, on axis 2, from place 1 on: the ambiguity-aware masks behind the single one. */
function beforeSlice(graph: GraphEditor, output: string): string {
  const node = graph.producer(graph.origin(output));
  const [all, starts = '', , axes = ''] = node?.inputs ?? [];
  const start = graph.constant(starts)?.values;
  const axis = graph.constant(axes)?.values;
  const found = node?.op === 'Slice' && String(start) === '1' && (axis === undefined || String(axis) === '2');
  if (found && all !== undefined) return all;
  throw graph.unsupported(`the single mask is not cut off right before '${output}'`);
}
