import { GraphEditor } from '../onnx/graph-editor.js';
import type { GraphFile } from '../onnx/graph-file.js';
import { ELEMENT, writeTensor, type GraphNode } from '../onnx/messages.js';

/** Products with a matrix of weights: plain, of 4 bits, of NF4, of 8 bits. */
const PRODUCTS = ['MatMul', 'Gemm', 'MatMulNBits', 'MatMulBnb4', 'MatMulInteger'];
/** How many positions get logits, in newer exports; 0 stands for all. */
const KEPT = 'num_logits_to_keep';
/** Which positions get logits: int64 [K]. */
const AT = 'logits_at';

/**
 * Gives a ready-made decoder (Qwen2 and its like, key-value cache in and out) what the SDK's language model needs:
 * `hidden_states` (the states after the final norm, which the logits are made from), embeddings as input, positions, and
 * logits of the positions asked for alone (`logits_at`).
 * @param hidden - width of the states
 * @throws MaskloomError MODEL_UNSUPPORTED naming what the graph lacks
 */
export function editLanguageModel(file: GraphFile, hidden: number): GraphEditor {
  const graph = new GraphEditor(file, 'a language model');
  if (graph.inputs.some(({ name }) => name === 'use_cache_branch'))
    throw graph.unsupported(
      'it has its two ways to run, with and without a cache, in an If (an old merged export)',
    );
  graph.input('attention_mask');
  const logits = graph.output('logits');
  if (!graph.inputs.some(({ name }) => name.startsWith('past_key_values.')))
    throw graph.unsupported('it takes no key-value cache (past_key_values.*)');
  if (graph.inputs.some(({ name }) => name === 'input_ids')) feedEmbeddings(graph, hidden);
  else graph.input('inputs_embeds');
  if (graph.inputs.some(({ name }) => name === KEPT))
    graph.added.set(KEPT, writeTensor(KEPT, [], BigInt64Array.of(0n)));
  const states = statesBefore(graph, logits.name);
  graph.add('Cast', [states.name], { to: ELEMENT.float32 }, 'hidden_states');
  const chosen = graph.add('Gather', [states.name, AT], { axis: 1 });
  const { reader } = states;
  graph.replaceNode(reader, { ...reader, inputs: [chosen, ...reader.inputs.slice(1)] });
  const positions = {
    name: 'position_ids',
    element: ELEMENT.int64,
    shape: ['batch_size', 'sequence_length'],
  };
  const kept = graph.inputs.filter(({ name }) => name !== KEPT);
  const at = { name: AT, element: ELEMENT.int64, shape: ['logits'] };
  graph.inputs = [...kept, ...(kept.some(({ name }) => name === positions.name) ? [] : [positions]), at];
  graph.outputs = [
    ...graph.outputs.map((port) =>
      port === logits
        ? { ...port, shape: [port.shape[0] ?? 'batch_size', 'logits', port.shape[2] ?? 'vocabulary'] }
        : port,
    ),
    { name: 'hidden_states', element: ELEMENT.float32, shape: ['batch_size', 'sequence_length', hidden] },
  ];
  return graph;
}

/**
 * The token embedding of a decoder that takes ids: `input_ids` to `inputs_embeds`.
 * @throws MaskloomError MODEL_UNSUPPORTED when ids are not looked up in one table
 */
export function editTokenEmbedding(file: GraphFile, hidden: number): GraphEditor {
  const graph = new GraphEditor(file, 'a token embedding');
  const table = lookUp(graph);
  graph.add('Cast', [table.outputs[0] ?? ''], { to: ELEMENT.float32 }, 'inputs_embeds');
  graph.inputs = [{ ...graph.input('input_ids'), shape: ['B', 'T'] }];
  graph.outputs = [{ name: 'inputs_embeds', element: ELEMENT.float32, shape: ['B', 'T', hidden] }];
  return graph;
}

/** A graph that gives what it is fed, under the projector's names: for repositories whose vision encoder projects. */
export function passOn(file: GraphFile, tokens: number, hidden: number): GraphEditor {
  const graph = new GraphEditor(file, 'a projector');
  const shape = ['B', tokens, hidden];
  graph.add('Identity', ['patch_features'], {}, 'image_tokens');
  graph.inputs = [{ name: 'patch_features', element: ELEMENT.float32, shape }];
  graph.outputs = [{ name: 'image_tokens', element: ELEMENT.float32, shape }];
  return graph;
}

function feedEmbeddings(graph: GraphEditor, hidden: number): void {
  const table = lookUp(graph);
  const embeds = {
    name: 'inputs_embeds',
    element: ELEMENT.float32,
    shape: ['batch_size', 'sequence_length', hidden],
  };
  const others = graph.consumers('input_ids').filter((node) => node !== table);
  const strange = others.find(({ op }) => op !== 'Shape');
  if (strange !== undefined)
    throw graph.unsupported(`the ids are used for more than the embedding (${strange.op})`);
  const element = elementOfTable(graph, table);
  graph.replace(
    table.outputs[0] ?? '',
    element === ELEMENT.float32 ? embeds.name : graph.cast(embeds.name, element),
  );
  // Where only the ids' shape is asked, one channel of the embeddings has the same.
  graph.replace(
    'input_ids',
    graph.add('Gather', [embeds.name, graph.ints(0)], { axis: 2 }),
    new Set([table]),
  );
  graph.inputs = [embeds, ...graph.inputs.filter(({ name }) => name !== 'input_ids')];
}

function lookUp(graph: GraphEditor): GraphNode {
  graph.input('input_ids');
  const tables = graph.nodes.filter(
    ({ op, inputs }) => op.startsWith('Gather') && graph.origin(inputs[1] ?? '') === 'input_ids',
  );
  const [table] = tables;
  if (table !== undefined && tables.length === 1) return table;
  throw graph.unsupported('ids are not looked up in one table of embeddings');
}

function elementOfTable(graph: GraphEditor, { op, inputs }: GraphNode): number {
  // Of a quantised table the scales have the type of what comes out.
  const name = op === 'Gather' ? inputs[0] : inputs[2];
  return graph.file.initializers.get(graph.origin(name ?? ''))?.element ?? ELEMENT.float32;
}

/** What the logits are a product of: the first input of the last product with weights, and the node that reads it. */
function statesBefore(
  graph: GraphEditor,
  logits: string,
): { readonly name: string; readonly reader: GraphNode } {
  for (let at: string | undefined = logits; at !== undefined;) {
    const node: GraphNode | undefined = graph.producer(at);
    if (node === undefined) break;
    if (PRODUCTS.includes(node.op)) {
      const input = node.inputs[0] ?? '';
      const quantised = graph.producer(input);
      return quantised?.op === 'DynamicQuantizeLinear'
        ? { name: quantised.inputs[0] ?? input, reader: quantised }
        : { name: input, reader: node };
    }
    // A bias, a scale or another type may stand behind the product.
    at = node.inputs.find(
      (name: string) => graph.producer(name) !== undefined && graph.constant(name) === undefined,
    );
  }
  throw graph.unsupported('the logits are no product of states and weights');
}
