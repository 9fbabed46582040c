import { GraphEditor } from '../onnx/graph-editor.js';
import type { GraphFile } from '../onnx/graph-file.js';
import { ELEMENT } from '../onnx/messages.js';

/**
 * Makes a ready-made BERT a sentence embedder: `input_ids`, `attention_mask` to `text_embed`, the mean of the tokens that the
 * mask keeps (sentence-transformers' mean pooling; not of unit length). Every text is of one part: token types are zeros.
 * @param width - channels of the states
 * @throws MaskloomError MODEL_UNSUPPORTED naming what the graph lacks
 */
export function editSentence(file: GraphFile, width: number): GraphEditor {
  const graph = new GraphEditor(file, 'a sentence embedder');
  const ports = ['input_ids', 'attention_mask'].map((name) => graph.input(name));
  const states = graph.cast(graph.output('last_hidden_state').name, ELEMENT.float32);
  const types = graph.inputs.find(({ name }) => name === 'token_type_ids');
  if (types !== undefined) graph.replace(types.name, graph.add('Sub', ['input_ids', 'input_ids']));
  const mask = graph.unsqueeze(graph.cast('attention_mask', ELEMENT.float32), 1);
  const sum = graph.add('MatMul', [mask, states]);
  // The mask's ones times themselves: how many they are.
  const count = graph.add('MatMul', [mask, graph.add('Transpose', [mask], { perm: [0, 2, 1] })]);
  graph.add('Reshape', [graph.add('Div', [sum, count]), graph.ints([-1, width])], {}, 'text_embed');
  graph.inputs = ports.map((one) => ({ ...one, shape: ['B', 'T'] }));
  graph.outputs = [{ name: 'text_embed', element: ELEMENT.float32, shape: ['B', width] }];
  return graph;
}
