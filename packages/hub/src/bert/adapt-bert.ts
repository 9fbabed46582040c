import { z } from 'zod';
import type { Adapter } from '../ready/adapter.js';
import { marksOf } from '../ready/marks.js';
import { readConfig } from '../ready/read-config.js';
import { editSentence } from './edit-sentence.js';

const configSchema = z.object({
  hidden_size: z.int().positive(),
  max_position_embeddings: z.int().positive().default(512),
});

const tokenizerSchema = z.object({
  do_lower_case: z.boolean().default(true),
  cls_token: z.string().default('[CLS]'),
});

/** BERT that was trained to embed sentences (all-MiniLM-L6-v2 and its like): mean pooling over its tokens. */
export const bertAdapter: Adapter = {
  modelTypes: ['bert'],
  graphs: [['model']],
  async adapt({ files, config, graphs, builder }) {
    const read = readConfig(config, configSchema, `${files.id}: config.json`);
    const described = (await files.json('tokenizer_config.json')) ?? {};
    const tokenizer = readConfig(described, tokenizerSchema, `${files.id}: tokenizer_config.json`);
    const model = graphs.get('model');
    if (model === undefined) return;
    const sentenceText = await builder.make(model, 'sentence', read.hidden_size, (file) =>
      editSentence(file, read.hidden_size),
    );
    const { pad } = await marksOf(files, { eos: '[SEP]', pad: '[PAD]' });
    builder.preset('sentence', {
      text: {
        maxTokens: read.max_position_embeddings,
        bos: tokenizer.cls_token,
        eos: '[SEP]',
        pad,
        prefix: '',
        lowerCase: tokenizer.do_lower_case,
        trimEnd: false,
      },
    });
    await builder.tokenizer();
    builder.recipe('bert/sentence', { sentenceText });
  },
};
