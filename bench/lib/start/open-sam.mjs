// Opening SAM from a hub's cache, and closing it.
import { compose } from '@maskloom/core';
import { hubBundle, hubSettings } from '@maskloom/hub';
import { onnx } from '@maskloom/runtime';
import { prompted } from '@maskloom/sam';

/**
 * @param {string} repository its name on the hub
 * @param {string} home the hub's cache; nothing is asked for elsewhere
 */
export async function openSam(repository, home) {
  const settings = hubSettings({ HF_HOME: home, HF_HUB_OFFLINE: '1' });
  const models = onnx({ bundle: hubBundle(repository, { settings }), device: 'cpu' });
  const pipeline = await compose(prompted).on(models).build();
  await pipeline.dispose();
  await models.dispose();
}
