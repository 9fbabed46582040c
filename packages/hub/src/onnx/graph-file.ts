import { open, stat, type FileHandle } from 'node:fs/promises';
import { PbfReader } from 'pbf';
import { MaskloomError } from '@maskloom/core';
import { FileReader, type FileField, type Span } from './file-fields.js';
import { readNode, readPort, type GraphNode, type GraphPort } from './messages.js';

/** A constant of a graph, which stays in its file. */
export interface Initializer {
  readonly name: string;
  readonly element: number;
  readonly dims: readonly number[];
  /** The TensorProto in the graph's file. */
  readonly span: Span;
  /** File beside the graph that has the values; `undefined` when the graph has them. */
  readonly location?: string;
  /** Bytes of that file up to the end of the values, where the graph says so. */
  readonly reach: number;
}

/** A graph as its file has it; constants are described, not read. */
export interface GraphFile {
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Version of the plain operators. */
  readonly opset: number;
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Fields of the model beside its graph, and of the graph beside the above: copied as they are. */
  readonly rest: { readonly model: readonly Span[]; readonly graph: readonly Span[] };
}

/** No graph has so many nodes; a file that claims more is no graph. */
const MOST_NODES = 1_000_000;

/**
 * Reads an ONNX file without its constants: memory does not grow with the weights.
 * @param path - the `.onnx` file
 * @throws MaskloomError HUB_FILE_DAMAGED when it is no whole ONNX graph
 */
export async function readGraphFile(path: string): Promise<GraphFile> {
  const { size } = await stat(path);
  const file = await open(path, 'r');
  try {
    return await readModel(file, path, size);
  } catch (error) {
    if (MaskloomError.is(error)) throw error;
    // pbf reads past the end of a message that lies about its length.
    if (error instanceof RangeError || error instanceof Error)
      throw new FileReader(file, path, size).broken();
    throw error;
  } finally {
    await file.close();
  }
}

async function readModel(file: FileHandle, path: string, size: number): Promise<GraphFile> {
  const reader = new FileReader(file, path, size);
  const rest = { model: [] as Span[], graph: [] as Span[] };
  const nodes: GraphNode[] = [];
  const inputs: GraphPort[] = [];
  const outputs: GraphPort[] = [];
  const initializers = new Map<string, Initializer>();
  let opset = 0;
  let graphs = 0;
  for await (const field of reader.fields({ start: 0, end: size })) {
    const { number, wire, start, end } = field;
    if (number !== 7 || wire !== 2) {
      rest.model.push({ start, end });
      if (number === 8) opset = Math.max(opset, plainOpset(await reader.bytes(valueOf(field))));
      continue;
    }
    graphs++;
    for await (const part of reader.fields(valueOf(field))) {
      if (part.number === 1) nodes.push(readNode(await reader.bytes(valueOf(part))));
      else if (part.number === 11) inputs.push(readPort(await reader.bytes(valueOf(part))));
      else if (part.number === 12) outputs.push(readPort(await reader.bytes(valueOf(part))));
      else if (part.number === 5) {
        const initializer = await readInitializer(reader, valueOf(part));
        initializers.set(initializer.name, initializer);
      }
      // Shapes of inner values (13) are worked out anew by whoever opens the graph.
      else if (part.number !== 13) rest.graph.push({ start: part.start, end: part.end });
      if (nodes.length > MOST_NODES) throw reader.broken();
    }
  }
  if (graphs === 0 || nodes.length === 0 || outputs.length === 0) throw reader.broken();
  return { path, size, opset, nodes, inputs, outputs, initializers, rest };
}

function valueOf({ value, end }: FileField): Span {
  return { start: value, end };
}

/** The version of an OperatorSetIdProto when it is that of the plain operators, else 0. */
function plainOpset(bytes: Uint8Array): number {
  const entry = new PbfReader(bytes).readFields(
    (tag, into, pbf) => {
      if (tag === 1) into.domain = pbf.readString();
      else if (tag === 2) into.version = pbf.readVarint();
    },
    { domain: '', version: 0 },
  );
  return entry.domain === '' || entry.domain === 'ai.onnx' ? entry.version : 0;
}

async function readInitializer(reader: FileReader, span: Span): Promise<Initializer> {
  const dims: number[] = [];
  let name = '';
  let element = 0;
  let external = false;
  const entries = new Map<string, string>();
  for await (const field of reader.fields(span)) {
    const value = valueOf(field);
    if (field.number === 1 && field.wire === 0) dims.push((await reader.varint(field.value)).value);
    else if (field.number === 1) {
      for (let at = value.start; at < value.end;) {
        const length = await reader.varint(at);
        dims.push(length.value);
        at = length.next;
      }
    } else if (field.number === 2) element = (await reader.varint(field.value)).value;
    else if (field.number === 8) name = (await reader.bytes(value)).toString('utf8');
    else if (field.number === 14) external = (await reader.varint(field.value)).value === 1;
    else if (field.number === 13) {
      const pair = new PbfReader(await reader.bytes(value)).readFields(
        (tag, into, pbf) => {
          if (tag === 1) into.key = pbf.readString();
          else if (tag === 2) into.value = pbf.readString();
        },
        { key: '', value: '' },
      );
      entries.set(pair.key, pair.value);
    }
  }
  const location = external ? entries.get('location') : undefined;
  const reach = Number(entries.get('offset') ?? 0) + Number(entries.get('length') ?? 0);
  return { name, element, dims, span, reach, ...(location === undefined ? {} : { location }) };
}
