import { MaskloomError } from '@maskloom/masks';
import type { ModelHost } from '../ports/model-host.js';
import type { ModelSource } from '../ports/model-source.js';
import { tensorScope } from '../ports/tensor-scope.js';

/** The source of a pipeline that was given none: enough for stages without models, an error for the others. */
export const noModels: ModelSource = Object.freeze({
  open: (recipeId: string): Promise<ModelHost> => {
    const missing = (what: string): MaskloomError =>
      new MaskloomError('BUNDLE_NOT_FOUND', `${recipeId} asks for ${what}, but no models were given.`, {
        where: recipeId,
        hint: 'Add .on(onnx({ bundle })) of @maskloom/runtime before .build().',
      });
    return Promise.resolve({
      bundle: '',
      model: (role) => Promise.reject(missing(`the model '${role}'`)),
      ports: (role) => {
        throw missing(`the ports of '${role}'`);
      },
      tokenizer: () => Promise.reject(missing('a tokenizer')),
      preset: (name) => {
        throw missing(`the preset '${name}'`);
      },
      recipe: (id) => Promise.reject(missing(`the models of '${id}'`)),
      scope: tensorScope,
      liveTensors: 0,
      dispose: () => Promise.resolve(),
    });
  },
});
