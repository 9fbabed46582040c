import { MaskloomError } from '@maskloom/core';
import type { GraphFile } from './graph-file.js';
import {
  readAttribute,
  readTensor,
  writeAttribute,
  writeTensor,
  type GraphNode,
  type GraphPort,
  type SmallTensor,
} from './messages.js';

/** Attributes of a node to be added: whole numbers by name. */
export type NodeAttributes = Readonly<Record<string, number | readonly number[]>>;

/** A graph that is being changed. Tensors are known by name; new ones get names of their own. */
export class GraphEditor {
  readonly file: GraphFile;
  /** What the graph will take. */
  inputs: readonly GraphPort[];
  /** What the graph will give. */
  outputs: readonly GraphPort[];
  /** TensorProtos of constants that are added, by name. */
  readonly added = new Map<string, Uint8Array>();
  #nodes: GraphNode[];
  #next = 0;
  #producers: Map<string, GraphNode> | undefined;
  readonly #what: string;

  /** @param what - what is wanted of the graph, for errors, e.g. `SAM's mask decoder` */
  constructor(file: GraphFile, what: string) {
    this.file = file;
    this.inputs = file.inputs;
    this.outputs = file.outputs;
    this.#nodes = [...file.nodes];
    this.#what = what;
    // Axes of Unsqueeze and the like became an input at 13; older graphs would need other nodes throughout.
    if (file.opset < 11)
      throw this.unsupported(`it is written for operator set ${file.opset}; 11 or newer is needed`);
  }

  /** The nodes as they are now. */
  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  /** The error of a graph that cannot be made into what is wanted. */
  unsupported(missing: string): MaskloomError {
    return new MaskloomError('MODEL_UNSUPPORTED', `The graph cannot be used as ${this.#what}: ${missing}.`, {
      where: this.file.path,
      hint: 'Export the checkpoint with the training kit instead (maskloom-convert), or report this repository.',
    });
  }

  /** The node that gives a tensor. */
  producer(name: string): GraphNode | undefined {
    this.#producers ??= new Map(this.#nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
    return this.#producers.get(name);
  }

  /** The nodes that read a tensor. */
  consumers(name: string): readonly GraphNode[] {
    return this.#nodes.filter(({ inputs, captured }) => inputs.includes(name) || captured.includes(name));
  }

  /** A whole-number attribute of a node. */
  attribute(node: GraphNode, name: string): number | undefined {
    const bytes = node.attributes.get(name);
    return bytes === undefined ? undefined : readAttribute(bytes).int;
  }

  /** The values of a small constant: a Constant node's tensor, or one that was added; `undefined` for anything else. */
  constant(name: string): SmallTensor | undefined {
    const own = this.added.get(name);
    if (own !== undefined) return readTensor(own);
    const node = this.producer(name);
    const bytes = node?.op === 'Constant' ? node.attributes.get('value') : undefined;
    const tensor = bytes === undefined ? undefined : readAttribute(bytes).tensor;
    return tensor === undefined ? undefined : readTensor(tensor);
  }

  /** A port. @throws MaskloomError MODEL_UNSUPPORTED when there is none of that name */
  input(name: string): GraphPort {
    const port = this.inputs.find((one) => one.name === name);
    if (port !== undefined) return port;
    throw this.unsupported(
      `it has no input '${name}' (it takes ${this.inputs.map((one) => one.name).join(', ')})`,
    );
  }

  /** As {@link GraphEditor.input}, of what it gives. */
  output(name: string): GraphPort {
    const port = this.outputs.find((one) => one.name === name);
    if (port !== undefined) return port;
    throw this.unsupported(
      `it has no output '${name}' (it gives ${this.outputs.map((one) => one.name).join(', ')})`,
    );
  }

  /** Follows a tensor back through nodes that do not change its values. */
  origin(name: string, through: readonly string[] = ['Identity', 'Cast']): string {
    for (let at = name; ;) {
      const node = this.producer(at);
      const before = node?.inputs[0];
      if (node === undefined || before === undefined || !through.includes(node.op)) return at;
      at = before;
    }
  }

  /**
   * The tensors whose values depend on a tensor's. A tensor's shape is not its values: what is worked out from it alone
   * does not count.
   */
  dependents(from: string): ReadonlySet<string> {
    const found = new Set([from]);
    for (const node of this.#inOrder(this.#nodes.flatMap(({ outputs }) => outputs))) {
      if (node.op === 'Shape') continue;
      if ([...node.inputs, ...node.captured].some((input) => found.has(input)))
        for (const output of node.outputs) found.add(output);
    }
    return found;
  }

  /**
   * Adds a node at the end; the order is put right when the graph is written.
   * @returns the name of its first output
   */
  add(
    op: string,
    inputs: readonly string[],
    attributes: NodeAttributes = {},
    output = this.fresh(op),
  ): string {
    const node: GraphNode = {
      op,
      domain: '',
      inputs,
      outputs: [output],
      attributes: new Map(
        Object.entries(attributes).map(([name, value]) => [name, writeAttribute(name, value)]),
      ),
      captured: [],
    };
    this.#nodes.push(node);
    this.#producers = undefined;
    return output;
  }

  /** Adds a float32 constant. */
  floats(dims: readonly number[], values: readonly number[] | Float32Array): string {
    const name = this.fresh('floats');
    this.added.set(name, writeTensor(name, dims, Float32Array.from(values)));
    return name;
  }

  /** Adds an int64 constant; a single number makes a scalar, a list one axis, unless `dims` says otherwise. */
  ints(values: number | readonly number[], dims?: readonly number[]): string {
    const name = this.fresh('ints');
    const list = typeof values === 'number' ? [values] : values;
    const axes = dims ?? (typeof values === 'number' ? [] : [list.length]);
    this.added.set(name, writeTensor(name, axes, BigInt64Array.from(list, BigInt)));
    return name;
  }

  /** A tensor with an axis of length 1 put in. */
  unsqueeze(name: string, axis: number): string {
    return this.file.opset >= 13
      ? this.add('Unsqueeze', [name, this.ints([axis])])
      : this.add('Unsqueeze', [name], { axes: [axis] });
  }

  /** A tensor in another element type. */
  cast(name: string, element: number): string {
    return this.add('Cast', [name], { to: element });
  }

  /** The places from `start` up to `end` of one axis; below 0 is counted from the end. */
  slice(name: string, axis: number, start: number, end: number): string {
    return this.add('Slice', [name, this.ints([start]), this.ints([end]), this.ints([axis])]);
  }

  /** The lengths of a tensor's axes from `start` up to `end`, as a tensor of one axis. */
  lengths(name: string, start: number, end: number): string {
    return this.slice(this.add('Shape', [name]), 0, start, end);
  }

  /** Makes every node read `to` where it read `from`; those in `but` do not change. */
  replace(from: string, to: string, but: ReadonlySet<GraphNode> = new Set()): void {
    this.#nodes = this.#nodes.map((node) => {
      if (but.has(node) || !node.inputs.includes(from)) return node;
      return { ...node, inputs: node.inputs.map((input) => (input === from ? to : input)) };
    });
    this.#producers = undefined;
  }

  /** Puts a node in another's place. */
  replaceNode(node: GraphNode, by: GraphNode): void {
    this.#nodes[this.#nodes.indexOf(node)] = by;
    this.#producers = undefined;
  }

  /**
   * Repeats the nodes between tensors with other tensors in the place of some.
   * @param target - the tensor to be had again
   * @param instead - tensors and what stands for them in the copy
   * @returns the target's copy; the target itself when it depends on none of them
   */
  repeat(target: string, instead: ReadonlyMap<string, string>): string {
    const copies = new Map(instead);
    const copied = new Map<GraphNode, GraphNode>();
    for (const node of this.#inOrder([target])) {
      const changed = [...node.inputs, ...node.captured].some((input) => copies.has(input));
      if (!changed || node.outputs.some((output) => instead.has(output))) continue;
      if (node.captured.some((input) => copies.has(input)))
        throw this.unsupported('a part of it that is needed twice lies in a branch (If, Loop)');
      const outputs = node.outputs.map((output) => (output === '' ? '' : this.fresh(node.op)));
      node.outputs.forEach((output, i) => copies.set(output, outputs[i] ?? ''));
      copied.set(node, { ...node, inputs: node.inputs.map((input) => copies.get(input) ?? input), outputs });
    }
    this.#nodes.push(...copied.values());
    this.#producers = undefined;
    return copies.get(target) ?? target;
  }

  /** Nodes that the outputs need, each after those it reads. */
  live(): readonly GraphNode[] {
    return this.#inOrder(this.outputs.map(({ name }) => name));
  }

  /** A name that the graph does not have. */
  fresh(stem: string): string {
    return `maskloom/${stem}_${this.#next++}`;
  }

  /** The nodes that some tensors need, each after those it reads. */
  #inOrder(names: readonly string[]): readonly GraphNode[] {
    const order: GraphNode[] = [];
    const state = new Map<GraphNode, 'open' | 'done'>();
    const stack = names.map((name) => this.producer(name)).filter((node) => node !== undefined);
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const before = state.get(node);
      if (before !== undefined) {
        if (before === 'open') order.push(node);
        state.set(node, 'done');
        stack.pop();
        continue;
      }
      state.set(node, 'open');
      for (const name of [...node.inputs, ...node.captured]) {
        const needed = this.producer(name);
        if (needed === undefined || state.get(needed) === 'done') continue;
        if (state.get(needed) === 'open') throw this.unsupported('the changed graph would go in a circle');
        stack.push(needed);
      }
    }
    return order;
  }
}
