// Records the model calls of a pipeline, and plays them back on bare ONNX Runtime sessions.
import { InferenceSession, Tensor, env } from 'onnxruntime-node';

/**
 * A model source that writes down every call: role, feeds as values, outputs asked for.
 * @param source - the real source
 * @param calls - where to write
 */
export function recording(source, calls) {
  return {
    async open(recipe, signal) {
      const host = await source.open(recipe, signal);
      return {
        bundle: host.bundle,
        model: async (role) => recordedSession(await host.model(role), role, calls),
        ports: (role) => host.ports(role),
        tokenizer: () => host.tokenizer(),
        preset: (name) => host.preset(name),
        scope: () => host.scope(),
        get liveTensors() {
          return host.liveTensors;
        },
        dispose: () => host.dispose(),
      };
    },
  };
}

function recordedSession(session, role, calls) {
  return {
    id: session.id,
    device: session.device,
    inputs: session.inputs,
    outputs: session.outputs,
    async run(feeds, options) {
      const values = {};
      for (const [name, feed] of Object.entries(feeds)) {
        values[name] = await valuesOf(feed);
      }
      calls.push({ role, feeds: values, outputs: options.outputs });
      return session.run(feeds, options);
    },
  };
}

async function valuesOf(feed) {
  if ('repeated' in feed) {
    const { dtype, dims, data } = await valuesOf(feed.repeated);
    const all = new data.constructor(data.length * feed.times);
    for (let n = 0; n < feed.times; n++) all.set(data, n * data.length);
    return { dtype, dims: [feed.times, ...dims.slice(1)], data: all };
  }
  const data = 'read' in feed ? await feed.read() : feed.data.slice();
  return { dtype: feed.dtype, dims: [...feed.dims], data };
}

/**
 * Opens bare sessions for recorded calls, with the options that the runtime uses, on this thread.
 * @param pathOf - the file of a role
 * @returns plays one call, or all calls once, in order; `run` gives a call's outputs, with other values for some inputs
 */
export async function bareSessions(calls, pathOf, threads) {
  env.logLevel = 'fatal';
  const sessions = new Map();
  for (const role of new Set(calls.map((call) => call.role))) {
    const options = {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      extra: { 'session.intra_op.allow_spinning': '0' },
    };
    sessions.set(role, await InferenceSession.create(pathOf(role), options));
  }
  // The inputs are made once: a bare program would have them where they are needed, too.
  const ready = calls.map(({ role, feeds, outputs }) => {
    const session = sessions.get(role);
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, { dtype, dims, data }]) => [name, new Tensor(dtype, data, dims)]),
    );
    return { session, inputs, outputs: outputs ?? session.outputNames };
  });
  const one = async (at) => {
    const { session, inputs, outputs } = ready[at];
    const results = await session.run(inputs, outputs);
    for (const tensor of Object.values(results)) tensor.dispose();
  };
  return {
    one,
    run(at, others) {
      const { session, inputs, outputs } = ready[at];
      const own = Object.entries(others).map(([name, data]) => [
        name,
        new Tensor('float32', data, inputs[name].dims),
      ]);
      return session.run({ ...inputs, ...Object.fromEntries(own) }, outputs);
    },
    async play() {
      for (let at = 0; at < ready.length; at++) await one(at);
    },
    async close() {
      for (const session of sessions.values()) await session.release();
    },
  };
}
