import { fileURLToPath } from 'node:url';
import type { ModelPort } from '@maskloom/core';
import { Engine } from '../engine/engine.js';
import { OnnxSession } from './onnx-session.js';
import { PortNames } from './port-names.js';

/** A worker with sessions of one small model, and how many of their tensors are held. */
export function adders() {
  const script = new URL('../../dist/engine/worker.js', import.meta.url);
  const engine = new Engine({ device: 'cpu', maxQueue: 8, script });
  const held = { live: 0 };
  /** @param outputs - what the session's ports say, where that is not what the file says */
  const open = async (outputs?: (sum: ModelPort) => readonly ModelPort[]): Promise<OnnxSession> => {
    const file = fileURLToPath(new URL('../../fixtures/add.onnx', import.meta.url));
    const opened = await engine.open(file, { threads: 1 });
    const sum = opened.outputs.find(({ name }) => name === 'sum')!;
    const told = outputs === undefined ? {} : { outputs: outputs(sum) };
    const shared = { ...opened, ...told, engine, names: new PortNames({ total: 'sum' }) };
    return new OnnxSession('add', shared, {
      check: () => undefined,
      count: (change) => (held.live += change),
    });
  };
  return { engine, held, open };
}
