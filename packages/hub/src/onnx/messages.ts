import { PbfReader, PbfWriter } from 'pbf';

/** Element types of ONNX's TensorProto that are met here, by their numbers. */
export const ELEMENT = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;

/** A node of a graph. */
export interface GraphNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** AttributeProto messages as they are, by name. */
  readonly attributes: ReadonlyMap<string, Uint8Array>;
  /** Names of the outer graph that subgraphs of its attributes read. */
  readonly captured: readonly string[];
}

/** A port of a graph. */
export interface GraphPort {
  readonly name: string;
  /** Element type by ONNX's number; 0 when it is not given. */
  readonly element: number;
  /** Axis lengths; a string is a dynamic axis, `?` one without a name. */
  readonly shape: readonly (number | string)[];
}

/** A tensor with its values, as attributes and small constants are. */
export interface SmallTensor {
  readonly element: number;
  readonly dims: readonly number[];
  /** Row-major; exact for whole numbers up to 2^53. */
  readonly values: readonly number[];
}

/** Reads a NodeProto. */
export function readNode(bytes: Uint8Array): GraphNode {
  const node = {
    op: '',
    domain: '',
    inputs: [] as string[],
    outputs: [] as string[],
    attributes: new Map<string, Uint8Array>(),
    captured: [] as string[],
  };
  return new PbfReader(bytes).readFields((tag, into, pbf) => {
    if (tag === 1) into.inputs.push(pbf.readString());
    else if (tag === 2) into.outputs.push(pbf.readString());
    else if (tag === 4) into.op = pbf.readString();
    else if (tag === 7) into.domain = pbf.readString();
    else if (tag === 5) {
      const attribute = pbf.readBytes();
      into.attributes.set(attributeName(attribute), attribute);
      into.captured.push(...namesInSubgraphs(attribute));
    }
  }, node);
}

/** Writes a NodeProto. */
export function writeNode(node: GraphNode): Uint8Array {
  const pbf = new PbfWriter();
  for (const name of node.inputs) writeText(pbf, 1, name);
  for (const name of node.outputs) writeText(pbf, 2, name);
  writeText(pbf, 4, node.op);
  for (const attribute of node.attributes.values()) writeField(pbf, 5, attribute);
  if (node.domain !== '') writeText(pbf, 7, node.domain);
  return pbf.finish();
}

/** Reads a ValueInfoProto. */
export function readPort(bytes: Uint8Array): GraphPort {
  const port = { name: '', element: 0, shape: [] as (number | string)[] };
  return new PbfReader(bytes).readFields((tag, into, pbf) => {
    if (tag === 1) into.name = pbf.readString();
    else if (tag === 2) {
      pbf.readMessage((inType, _, type) => {
        if (inType !== 1) return;
        type.readMessage((inTensor, __, tensor) => {
          if (inTensor === 1) into.element = tensor.readVarint();
          else if (inTensor === 2) {
            tensor.readMessage((inShape, ___, shape) => {
              if (inShape === 1) into.shape.push(readAxis(shape.readBytes()));
            }, undefined);
          }
        }, undefined);
      }, undefined);
    }
  }, port);
}

function readAxis(bytes: Uint8Array): number | string {
  let axis: number | string = '?';
  new PbfReader(bytes).readFields((tag, _, pbf) => {
    if (tag === 1) axis = pbf.readVarint(true);
    else if (tag === 2) axis = pbf.readString() || '?';
  }, undefined);
  return axis;
}

/** Writes a ValueInfoProto. */
export function writePort({ name, element, shape }: GraphPort): Uint8Array {
  const axes = new PbfWriter();
  for (const axis of shape) {
    const one = new PbfWriter();
    if (typeof axis === 'number') writeNumber(one, 1, axis);
    else if (axis !== '?') writeText(one, 2, axis);
    writeField(axes, 1, one.finish());
  }
  const tensor = new PbfWriter();
  writeNumber(tensor, 1, element);
  writeField(tensor, 2, axes.finish());
  const type = new PbfWriter();
  writeField(type, 1, tensor.finish());
  const pbf = new PbfWriter();
  writeText(pbf, 1, name);
  writeField(pbf, 2, type.finish());
  return pbf.finish();
}

/** Reads a TensorProto that is small: shapes, indices, numbers. */
export function readTensor(bytes: Uint8Array): SmallTensor {
  const tensor = {
    element: 0,
    dims: [] as number[],
    values: [] as number[],
    raw: undefined as Uint8Array | undefined,
  };
  new PbfReader(bytes).readFields((tag, into, pbf) => {
    if (tag === 1) pbf.readPackedVarint(into.dims, true);
    else if (tag === 2) into.element = pbf.readVarint();
    else if (tag === 4) pbf.readPackedFloat(into.values);
    else if (tag === 5 || tag === 7) pbf.readPackedVarint(into.values, true);
    else if (tag === 9) into.raw = pbf.readBytes();
  }, tensor);
  const { element, dims, raw } = tensor;
  return { element, dims, values: raw === undefined ? tensor.values : rawValues(element, raw) };
}

function rawValues(element: number, raw: Uint8Array): number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const read: Readonly<Record<number, readonly [size: number, at: (i: number) => number]>> = {
    [ELEMENT.float32]: [4, (i) => view.getFloat32(i, true)],
    [ELEMENT.int32]: [4, (i) => view.getInt32(i, true)],
    [ELEMENT.int64]: [8, (i) => Number(view.getBigInt64(i, true))],
    [ELEMENT.uint8]: [1, (i) => view.getUint8(i)],
    [ELEMENT.int8]: [1, (i) => view.getInt8(i)],
    [ELEMENT.bool]: [1, (i) => view.getUint8(i)],
  };
  const [size, at] = read[element] ?? [Infinity, () => NaN];
  return Array.from({ length: Math.floor(raw.length / size) }, (_, i) => at(i * size));
}

/** Writes a TensorProto of float32 or int64 values with a name. */
export function writeTensor(
  name: string,
  dims: readonly number[],
  values: Float32Array | BigInt64Array,
): Uint8Array {
  const pbf = new PbfWriter();
  for (const length of dims) writeNumber(pbf, 1, length);
  writeNumber(pbf, 2, values instanceof Float32Array ? ELEMENT.float32 : ELEMENT.int64);
  writeText(pbf, 8, name);
  writeField(pbf, 9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return pbf.finish();
}

/** What an AttributeProto of a plain kind holds. */
export interface PlainAttribute {
  readonly int?: number;
  readonly ints: readonly number[];
  readonly tensor?: Uint8Array;
}

/** Reads an AttributeProto's whole numbers or tensor. */
export function readAttribute(bytes: Uint8Array): PlainAttribute {
  const attribute: { int?: number; ints: number[]; tensor?: Uint8Array } = { ints: [] };
  return new PbfReader(bytes).readFields((tag, into, pbf) => {
    if (tag === 3) into.int = pbf.readVarint(true);
    else if (tag === 8) pbf.readPackedVarint(into.ints, true);
    else if (tag === 5) into.tensor = pbf.readBytes();
  }, attribute);
}

/** Writes an AttributeProto of one or several whole numbers. */
export function writeAttribute(name: string, value: number | readonly number[]): Uint8Array {
  const pbf = new PbfWriter();
  writeText(pbf, 1, name);
  if (typeof value === 'number') writeNumber(pbf, 3, value);
  else for (const one of value) writeNumber(pbf, 8, one);
  // AttributeProto.type: INT is 2, INTS is 7.
  writeNumber(pbf, 20, typeof value === 'number' ? 2 : 7);
  return pbf.finish();
}

function attributeName(bytes: Uint8Array): string {
  let name = '';
  new PbfReader(bytes).readFields((tag, _, pbf) => {
    if (tag === 1) name = pbf.readString();
  }, undefined);
  return name;
}

/** Every name that the nodes of an attribute's graphs read; those of the outer graph are among them. */
function namesInSubgraphs(attribute: Uint8Array): string[] {
  const names: string[] = [];
  new PbfReader(attribute).readFields((tag, _, pbf) => {
    if (tag !== 6 && tag !== 11) return;
    pbf.readMessage((inGraph, __, graph) => {
      if (inGraph === 1) {
        const { inputs, captured } = readNode(graph.readBytes());
        names.push(...inputs, ...captured);
      } else if (inGraph === 12) names.push(readPort(graph.readBytes()).name);
    }, undefined);
  }, undefined);
  return names;
}

/** Writes a field with the length of its bytes before it. */
export function writeField(pbf: PbfWriter, tag: number, bytes: Uint8Array): void {
  pbf.writeTag(tag, 2);
  pbf.writeBytes(bytes);
}

function writeText(pbf: PbfWriter, tag: number, text: string): void {
  pbf.writeTag(tag, 2);
  pbf.writeString(text);
}

function writeNumber(pbf: PbfWriter, tag: number, value: number): void {
  pbf.writeTag(tag, 0);
  pbf.writeVarint(value);
}
