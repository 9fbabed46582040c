import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { PbfWriter } from 'pbf';
import type { Span } from './file-fields.js';
import type { GraphEditor } from './graph-editor.js';
import { writeField, writeNode, writePort } from './messages.js';

/** A piece of the file to be written: bytes, or a part of the file that is changed. */
type Piece = Uint8Array | Span;

/** What was written. */
export interface WrittenGraph {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Its SHA-256, lower-case hexadecimal. */
  readonly sha256: string;
}

const CHUNK = 1 << 22;

/**
 * Writes a changed graph: nodes that nothing needs are left out, with their constants; the others are copied from the
 * file piece by piece. Written beside and renamed.
 * @param path - where it goes
 */
export async function writeGraph(editor: GraphEditor, path: string): Promise<WrittenGraph> {
  const graph = graphPieces(editor);
  const length = graph.reduce((sum, piece) => sum + sizeOf(piece), 0);
  const head = new PbfWriter();
  head.writeTag(7, 2);
  head.writeVarint(length);
  const pieces: Piece[] = [...editor.file.rest.model, head.finish(), ...graph];
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const written = await writePieces(editor.file.path, pieces, beside);
    await rename(beside, path);
    return written;
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

function graphPieces(editor: GraphEditor): Piece[] {
  const nodes = editor.live();
  const read = new Set(nodes.flatMap(({ inputs, captured }) => [...inputs, ...captured]));
  for (const { name } of editor.outputs) read.add(name);
  const pieces: Piece[] = nodes.map((node) => field(1, writeNode(node)));
  pieces.push(...editor.file.rest.graph);
  for (const [name, bytes] of editor.added) if (read.has(name)) pieces.push(field(5, bytes));
  for (const { name, span } of editor.file.initializers.values()) {
    if (!read.has(name) || editor.added.has(name)) continue;
    const tag = new PbfWriter();
    tag.writeTag(5, 2);
    tag.writeVarint(span.end - span.start);
    pieces.push(tag.finish(), span);
  }
  for (const port of editor.inputs) pieces.push(field(11, writePort(port)));
  for (const port of editor.outputs) pieces.push(field(12, writePort(port)));
  return pieces;
}

function field(tag: number, bytes: Uint8Array): Uint8Array {
  const pbf = new PbfWriter();
  writeField(pbf, tag, bytes);
  return pbf.finish();
}

function sizeOf(piece: Piece): number {
  return piece instanceof Uint8Array ? piece.length : piece.end - piece.start;
}

async function writePieces(source: string, pieces: readonly Piece[], to: string): Promise<WrittenGraph> {
  const hash = createHash('sha256');
  const input = await open(source, 'r');
  const output = await open(to, 'wx');
  let bytes = 0;
  const put = async (chunk: Uint8Array): Promise<void> => {
    hash.update(chunk);
    bytes += chunk.length;
    await output.appendFile(chunk);
  };
  try {
    const buffer = Buffer.alloc(CHUNK);
    let waiting: Uint8Array[] = [];
    const flush = async (): Promise<void> => {
      if (waiting.length > 0) await put(Buffer.concat(waiting));
      waiting = [];
    };
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) {
        waiting.push(piece);
        continue;
      }
      await flush();
      for (let at = piece.start; at < piece.end;) {
        const { bytesRead } = await input.read(buffer, 0, Math.min(CHUNK, piece.end - at), at);
        if (bytesRead === 0) throw new Error(`${source} became shorter while it was read`);
        await put(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
    }
    await flush();
    await output.sync();
  } finally {
    await input.close();
    await output.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}
