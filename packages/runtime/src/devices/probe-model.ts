/** The smallest model that proves a device: z = x + y over [N, 2] float32 (ONNX opset 17), 97 bytes. */
export const PROBE_MODEL: Uint8Array = Uint8Array.from(
  Buffer.from(
    'CAg6VwoOCgF4CgF5EgF6IgNBZGQSA2FkZFoUCgF4Eg8KDQgBEgkKAxIBTgoCCAJaFAoBeRIPCg0IARIJCgMSAU4KAggCYhQKAXoSDwoNCAESCQoDEgFOCgIIAkIECgAQEQ==',
    'base64',
  ),
);
