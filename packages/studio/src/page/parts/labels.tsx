import { useState } from 'preact/hooks';
import { saveFile } from '../state/keep.js';
import { readLabelList, writeLabelList, type LabelList } from '../state/label-list.js';
import type { Studio } from '../state/studio.js';

/** A list of classes, typed or from a file, with what they look like. */
export function Labels({ studio }: { readonly studio: Studio }) {
  const { labels, descriptions } = studio.question.value;
  const [typed, setTyped] = useState<{ readonly text: string; readonly labels: LabelList['labels'] }>();
  const [wrong, setWrong] = useState('');
  const { attributes = [] } = studio.facts.value ?? {};
  const put = (text: string): void => {
    try {
      const list = readLabelList(text, attributes);
      const { descriptions: _, ...question } = studio.question.value;
      setTyped({ text, labels: list.labels });
      setWrong('');
      studio.question.value = { ...question, ...list };
    } catch (error) {
      setTyped({ text, labels });
      setWrong(error instanceof Error ? error.message : String(error));
    }
  };
  // What was not typed here came with a picture or an earlier question.
  const text =
    typed?.labels === labels ? typed.text : writeLabelList({ labels, ...(descriptions && { descriptions }) });
  const described = Object.keys(descriptions?.classes ?? {}).length;
  return (
    <details>
      <summary>
        labels{labels.length > 0 && `: ${labels.length}`}
        {described > 0 && `, ${described} described`}
      </summary>
      <label>
        one a line, or with commas between
        <textarea
          name="labels"
          rows={described > 0 ? 8 : 4}
          value={text}
          aria-invalid={wrong !== ''}
          aria-describedby="labels-help"
          onInput={({ currentTarget }) => put(currentTarget.value)}
        />
      </label>
      <p id="labels-help" class={wrong === '' ? 'about' : 'error'} role={wrong === '' ? undefined : 'alert'}>
        {wrong === '' ? helpOn(attributes) : wrong}
      </p>
      <label class="file">
        from a file: a list, or descriptions
        <input
          type="file"
          accept=".txt,.csv,.json,text/plain,application/json"
          onChange={({ currentTarget }) => {
            void currentTarget.files?.[0]?.text().then(put);
            currentTarget.value = '';
          }}
        />
      </label>
      {descriptions !== undefined && (
        <button
          type="button"
          onClick={() =>
            saveFile('descriptions.json', new Blob([JSON.stringify(descriptions, undefined, 1)]))
          }
        >
          Save descriptions
        </button>
      )}
    </details>
  );
}

function helpOn(attributes: readonly string[]): string {
  const [first] = attributes;
  if (first === undefined) return 'Lines that begin with # do not count.';
  return `An indented line below a label describes it, as “${first}: mostly grey”. It may begin with ${attributes.join(', ')}.`;
}
