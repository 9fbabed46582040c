export { onnx } from './host/onnx.js';
export type { OnnxOptions, OnnxSource } from './host/onnx.js';
export { cacheDirectory, expanded, huggingFaceHome } from './cache-directory.js';
export type { Environment } from './cache-directory.js';
export { fileState, knownHash, sha256OfFile } from './bundle/file-hash.js';
export type { CheckOptions } from './bundle/file-hash.js';
export { floatsOfHalves, halvesOfFloats } from './engine/half.js';
export { HashMemory } from './bundle/hash-memory.js';
export type { FileState } from './bundle/hash-memory.js';
export { folderBundle } from './bundle/source.js';
export type { BundleSource, LocatedBundle } from './bundle/source.js';
export { bundleFiles, type NamedFile } from './bundle/bundle-files.js';
export { openBundle } from './bundle/open-bundle.js';
export { parseManifest } from './bundle/parse-manifest.js';
export { Bundle } from './bundle/bundle.js';
export type { CheckedModel } from './bundle/bundle.js';
export { BUNDLE_SCHEMA } from './bundle/manifest.js';
export type { BundleFile, BundleManifest, BundleModel, BundleRecipe } from './bundle/manifest.js';
export { chooseDevice, type DevicePlan } from './devices/choose.js';
export { probeDevice, probeDevices } from './devices/probe.js';
export type { DeviceReport } from './devices/device-report.js';
export { CUDA_INSTALL_COMMAND } from './devices/remedies.js';
export { CUDA_PROVIDER, examineCuda } from './devices/cuda/examine-cuda.js';
export type { CudaFindings, CudaPlaces } from './devices/cuda/examine-cuda.js';
export { cudaFolder, cudaLibraryFolders } from './devices/cuda/libraries.js';
export { cudaEnvironment } from './devices/cuda/cuda-environment.js';
export { findPython, type CudaInstall } from './devices/cuda/install-cuda.js';
export { makeCudaWork, type CudaWork } from './devices/cuda/make-cuda-work.js';
export type { LibrarySearch } from './devices/cuda/libraries.js';
export { findOnnxRuntime, nativeFolder } from './native/find-onnx-runtime.js';
export type { OnnxRuntimeBuild, OnnxRuntimeSearch } from './native/find-onnx-runtime.js';
export { freeMemory } from './memory/free-memory.js';
export { planMemory } from './memory/memory-plan.js';
export type { MemoryPlan, PlannedModel, PlannedRecipe } from './memory/memory-plan.js';
export type { ModelMemory } from './memory/model-memory.js';
export { sizeText } from './memory/size-text.js';
export { autoOrder } from './devices/auto-order.js';
export { loadImage } from './image/load-image.js';
export type { LoadImageOptions } from './image/load-image.js';
export { loadImageSamples, readImageHeader } from './image/image-header.js';
export type { ImageSamples } from './image/image-header.js';
export { DEFAULT_MAX_PIXELS } from './image/decode.js';
export type { DecodeOptions } from './image/decode.js';
export type { ImageHeader } from './image/decoder/messages.js';
export { resizeInSlices, resizeLikePillow } from './image/resample/pillow-resize.js';
export type { RgbPixels } from './image/resample/rgb-pixels.js';
export type { PillowFilter } from './image/resample/pillow-coefficients.js';
export {
  toClipInput,
  toPaddedInput,
  toSamInput,
  toStretchedInput,
  toStretchedSamInput,
} from './image/model-input.js';
export type { InputSpec, ModelInput } from './image/model-input.js';
export { encodePng, writePng } from './image/write-png.js';
export { verifyBundle } from './bundle/verify-bundle.js';
export type { BundleFinding } from './bundle/verify-bundle.js';
