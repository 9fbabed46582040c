/**
 * Entry point of the child process that tries one device: a native library may end its whole
 * process, so nothing is tried in the caller's. Prints one JSON line.
 */
import { InferenceSession, Tensor, env, listSupportedBackends } from '../native/onnx-runtime.js';
import { PROBE_MODEL } from './probe-model.js';
import type { ProbeAnswer } from './probe.js';

const device = process.argv[2] ?? '';

async function attempt(): Promise<ProbeAnswer> {
  const known = listSupportedBackends().map((backend) => backend.name);
  if (!known.includes(device))
    return { ran: false, reason: 'this build of ONNX Runtime has no such provider' };
  env.logLevel = 'fatal';
  const session = await InferenceSession.create(PROBE_MODEL, {
    executionProviders: [device],
    logSeverityLevel: 4,
  });
  const values = new Tensor('float32', Float32Array.of(1, 2), [1, 2]);
  const result = await session.run({ x: values, y: values });
  const z = result['z']?.data;
  const right = z instanceof Float32Array && z[0] === 2 && z[1] === 4;
  return right ? { ran: true } : { ran: false, reason: 'it computes wrong values' };
}

const answer = await attempt().catch((cause: Error): ProbeAnswer => ({ ran: false, reason: cause.message }));
// Written in one go, then left without unloading drivers: some of them crash on the way out.
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
