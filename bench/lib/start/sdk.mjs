// A program's first mask through the SDK: `sam/prompted` with one point on a picture in memory. Run as a process of its own.
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose } from '@maskloom/core';
import { folderBundle, onnx } from '@maskloom/runtime';
import { prompted } from '@maskloom/sam';
import { picture, POINT } from './picture.mjs';

const models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu' });
const pipeline = await compose(prompted).on(models).build();
const points = { frame: 'ImagePx', xy: Float32Array.from(POINT), labels: Int8Array.of(1) };
const { segments } = await pipeline.segment(picture(), { task: 'prompted', prompts: [{ points }] });
if (segments.length !== 1) throw new Error(`${segments.length} segments`);
await pipeline.dispose();
await models.dispose();
