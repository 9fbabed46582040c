// The same two model calls by a plain program on ONNX Runtime alone: `node bare.mjs FOLDER` of the two files. No picture is resized,
// no mask is brought to the picture's size.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { picture, POINT } from './picture.mjs';

const options = {
  executionProviders: ['cpu'],
  graphOptimizationLevel: 'all',
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
};
const [encoder, decoder] = await Promise.all(
  ['sam-encoder', 'sam-decoder'].map((name) =>
    InferenceSession.create(`${process.argv[2]}/${name}.onnx`, options),
  ),
);
const { rgb, width, height } = picture();
const pixels = new Float32Array(3 * width * height);
for (let at = 0; at < width * height; at++)
  for (let channel = 0; channel < 3; channel++)
    pixels[channel * width * height + at] = (rgb[3 * at + channel] - 120) / 58;
const { image_embeddings } = await encoder.run({
  pixel_values: new Tensor('float32', pixels, [1, 3, height, width]),
});
const { masks } = await decoder.run({
  image_embeddings,
  point_coords: new Tensor('float32', Float32Array.of(...POINT, 0, 0), [1, 2, 2]),
  point_labels: new Tensor('int64', BigInt64Array.of(1n, -1n), [1, 2]),
  mask_input: new Tensor('float32', new Float32Array(64 * 64), [1, 1, 64, 64]),
  has_mask: new Tensor('float32', new Float32Array(1), [1]),
  embeddings: new Tensor('float32', new Float32Array(0), [1, 0, 64]),
});
if (masks.size === 0) throw new Error('no mask');
