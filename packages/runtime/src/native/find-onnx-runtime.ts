import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The version of ONNX Runtime that every figure was measured with; no other is loaded. */
export const ONNX_RUNTIME_VERSION = '1.30.0';

/** An installed build of ONNX Runtime. */
export interface OnnxRuntimeBuild {
  /** The npm package that holds it. */
  readonly package: string;
  /** Its version. */
  readonly version: string;
  /** The package's folder. */
  readonly folder: string;
}

/** What was found when a build was looked for. */
export interface OnnxRuntimeSearch {
  /** The build to load; none when nothing fits. */
  readonly build?: OnnxRuntimeBuild;
  /** Builds that are installed but passed over, each with its version. */
  readonly passedOver: readonly OnnxRuntimeBuild[];
}

/** The package with ONNX Runtime's build for one platform, cut out of `onnxruntime-node`. */
export function platformPackage(platform: string = process.platform, arch: string = process.arch): string {
  return `@maskloom/onnxruntime-${platform}-${arch}`;
}

/**
 * Looks for a build of ONNX Runtime, without loading any native code: `onnxruntime-node` itself, which a user adds for
 * CUDA, before the package for this platform that npm installs with Maskloom.
 *
 * `onnxruntime-node` is not a dependency because its install script downloads CUDA on every Linux x64 machine and takes the
 * whole install down where NuGet cannot be reached.
 *
 * @param from - the file or folder from which packages are looked up; this module's own place unless given
 */
export function findOnnxRuntime(from: string = import.meta.url): OnnxRuntimeSearch {
  const found = ['onnxruntime-node', platformPackage()].flatMap((name) => {
    const build = installed(name, from);
    return build === undefined ? [] : [build];
  });
  const build = found.find(({ version }) => version === ONNX_RUNTIME_VERSION);
  const passedOver = found.filter(({ version }) => version !== ONNX_RUNTIME_VERSION);
  return build === undefined ? { passedOver } : { build, passedOver };
}

function installed(name: string, from: string): OnnxRuntimeBuild | undefined {
  const require = createRequire(from);
  try {
    const manifest = require.resolve(`${name}/package.json`);
    const { version } = require(manifest) as { readonly version: string };
    return { package: name, version, folder: dirname(manifest) };
  } catch {
    // Not installed: that is an answer.
    return undefined;
  }
}

/** The folder of a build that holds the native libraries of this platform. */
export function nativeFolder({ folder }: OnnxRuntimeBuild): string {
  return join(folder, 'bin', 'napi-v6', process.platform, process.arch);
}
