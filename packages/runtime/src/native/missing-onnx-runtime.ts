import { MaskloomError } from '@maskloom/core/worker';
import { ONNX_RUNTIME_VERSION, platformPackage, type OnnxRuntimeSearch } from './find-onnx-runtime.js';

/** Platforms that ONNX Runtime is built for, as Node names them. */
const BUILT_FOR = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

/** Why no model can run here, and what to do: for `maskloom doctor` and for errors. */
export function explainMissing({ passedOver }: OnnxRuntimeSearch): {
  readonly reason: string;
  readonly remedy: string;
} {
  const others = passedOver.map(({ package: name, version }) => `${name} ${version}`).join(', ');
  const instead =
    others === '' ? '' : `; ${others} is installed, and every figure stands on ${ONNX_RUNTIME_VERSION}`;
  const platform = `${process.platform}-${process.arch}`;
  if (!BUILT_FOR.includes(platform)) {
    return {
      reason: `ONNX Runtime ${ONNX_RUNTIME_VERSION} has no build for ${platform}${instead}`,
      remedy: `Use one of ${BUILT_FOR.join(', ')}.`,
    };
  }
  return {
    reason: `ONNX Runtime ${ONNX_RUNTIME_VERSION} is not installed${instead}`,
    remedy:
      `Run \`npm install ${platformPackage()}@${ONNX_RUNTIME_VERSION}\`; npm leaves it out when it is told to omit optional ` +
      'packages, or when the lock file was made on another platform. On Linux it needs glibc, not musl.',
  };
}

/** The error of a machine without ONNX Runtime. */
export function missingOnnxRuntime(search: OnnxRuntimeSearch): MaskloomError {
  const { reason, remedy } = explainMissing(search);
  return new MaskloomError('DEVICE_UNAVAILABLE', `no model can run here: ${reason}.`, { hint: remedy });
}
