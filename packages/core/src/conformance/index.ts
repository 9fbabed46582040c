export { conformanceCases, type ConformanceCase } from './conformance-cases.js';
export type { ConformanceOptions } from './options.js';
export { DEFAULT_SIZES, Fixture, noise, type FixtureSizes, type TensorMaker } from './fixture.js';
export { probe, type ProbeOptions, type SlotProbe } from './probe.js';
export { must, mustAgree, mustBeFinite, mustEqual, mustLieWithin } from './expectations.js';
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
