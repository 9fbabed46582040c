import { createRequire } from 'node:module';
import type * as Common from 'onnxruntime-common';
import { missingOnnxRuntime } from './missing-onnx-runtime.js';
import { findOnnxRuntime } from './find-onnx-runtime.js';

/** What a build of ONNX Runtime exports, as far as it is used here. */
type OnnxRuntime = Pick<typeof Common, 'InferenceSession' | 'Tensor' | 'env'> & {
  /** The providers that this build was compiled with. */
  listSupportedBackends(): readonly { readonly name: string }[];
};

/** Loads the native library; only worker threads and the probing child process import this module. */
function load(): OnnxRuntime {
  const search = findOnnxRuntime();
  if (search.build === undefined) throw missingOnnxRuntime(search);
  return createRequire(import.meta.url)(search.build.folder) as OnnxRuntime;
}

export const { InferenceSession, Tensor, env, listSupportedBackends } = load();
