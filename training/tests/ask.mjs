// Asks a converted language model that sees, through the SDK's own stages, and prints what it answers as JSON:
//
//     node training/tests/ask.mjs BUNDLE RECIPE PICTURE QUESTION MOST
import { fakeRun } from '@maskloom/core/conformance';
import { clipTower, siglipTower } from '@maskloom/clip';
import { llavaLanguageModel, oneVisionLanguageModel } from '@maskloom/llava';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';

const [bundle, recipe, picture, question, most] = process.argv.slice(2);
const source = onnx({ bundle: folderBundle(bundle), device: 'cpu' });
const models = await source.open(recipe);
const context = { models, signal: new AbortController().signal, warn: () => undefined };
const [tower, language] = recipe.startsWith('onevision')
  ? [siglipTower, oneVisionLanguageModel]
  : [clipTower, llavaLanguageModel];
const [vision, model] = [await tower().create(context), await language().create(context)];
const run = fakeRun();
const features = await vision.encode(await loadImage(picture), run);
const session = await model.read(features, run, { text: question });
const answer = await session.answer({ text: question, watch: [], maxNewTokens: Number(most) }, run);
console.log(JSON.stringify({ text: answer.text, ids: answer.tokenIds }));
await source.dispose();
