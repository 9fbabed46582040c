export { conformanceCases, type ConformanceCase, type ConformanceOptions } from './conformance-cases.js';
export { DEFAULT_SIZES, Fixture, noise, type FixtureSizes, type TensorMaker } from './fixture.js';
export type { ProbeOptions } from './probe.js';
export { FakeTensor, fakeTensor, type LiveCount } from './fake-tensor.js';
export {
  fakeHost,
  fakeSource,
  type FakeHost,
  type FakeHostOptions,
  type FakeModel,
  type FakeSource,
} from './fake-host.js';
export { fakeTokenizer } from './fake-tokenizer.js';
export { fakeImage } from './fake-image.js';
export { fakeRun, type FakeRun } from './fake-run.js';
