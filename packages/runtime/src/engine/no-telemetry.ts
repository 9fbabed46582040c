/**
 * Has ONNX Runtime send nothing. From 1.30 its build for Linux reports to its makers unless told not to; on the way it
 * reads the process's command line with a recursive expression, which ends the process where an argument has some 16,000
 * letters. What is set already stays.
 */
export function noTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
}
