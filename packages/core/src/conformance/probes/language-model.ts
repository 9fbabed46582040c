import { must, mustBeFinite, mustEqual } from '../expectations.js';
import { probe } from '../probe.js';
import { checkFeatures } from './encoder.js';

/** Probe of the slot LanguageModel. */
export const languageModelProbe = probe('LanguageModel', {
  async call(stage, at, run, { text, watch }) {
    const session = await stage.read(at.tokens('vision'), run);
    const answer = await session.answer({ text, watch, maxNewTokens: 6 }, run);
    return { imageStates: session.imageStates, answer };
  },
  async check({ imageStates, answer }, stage, at) {
    must(imageStates.layout === 'tokens', `The image states have layout '${imageStates.layout}'.`);
    must(
      imageStates.width === stage.hiddenWidth,
      `The image states are ${imageStates.width} wide, hiddenWidth is ${stage.hiddenWidth}.`,
    );
    mustEqual(
      [imageStates.rows, imageStates.columns],
      [at.sizes.grid, at.sizes.grid],
      "the image states' grid",
    );
    await checkFeatures(imageStates, at);
    must(answer.tokenIds.length <= 6, `${answer.tokenIds.length} tokens were generated, maxNewTokens was 6.`);
    for (const { token, index, state } of answer.emitted) {
      must(
        index >= 0 && index < Math.max(1, answer.tokenIds.length),
        `Token '${token}' is said to be at ${index} of ${answer.tokenIds.length}.`,
      );
      mustEqual(state.dims, [1, stage.hiddenWidth], `the state that emitted '${token}'`);
      mustBeFinite(await state.read(), `the state that emitted '${token}'`);
    }
  },
  extra: {
    'answers in one token when asked to': async (stage, at, run, { text, watch }) => {
      const session = await stage.read(at.tokens('vision'), run);
      const answer = await session.answer({ text, watch, maxNewTokens: 1 }, run);
      must(
        answer.tokenIds.length <= 1,
        `${answer.tokenIds.length} tokens were generated, maxNewTokens was 1.`,
      );
    },
    'answers a second prompt as if it were the first': async (stage, at, run, { text, watch }) => {
      const features = at.tokens('vision');
      const one = await stage.read(features, run);
      await one.answer({ text: `${text} again`, watch, maxNewTokens: 4 }, run);
      const later = await one.answer({ text, watch, maxNewTokens: 4 }, run);
      const fresh = await (await stage.read(features, run)).answer({ text, watch, maxNewTokens: 4 }, run);
      mustEqual(later.tokenIds, fresh.tokenIds, 'the answer after another prompt');
    },
  },
});
