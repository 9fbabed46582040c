/**
 * Folder of the embedded `tiny` bundle, ending in a slash: `bundle.json`, ONNX models and tokenizer files.
 * Resolves both in this repository and in an installed package.
 */
export const bundleDirectory: URL = new URL('../bundle/', import.meta.url);

/** Version of this package; equal to the bundle's own `version`. */
export const bundleVersion = '0.1.0';
