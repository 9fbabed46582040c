import { useState } from 'preact/hooks';
import type { Studio } from '../state/studio.js';

/** Labels of a text: one a line, or several with commas; lines that begin with # do not count. */
export function labelsOf(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines
    .filter((line) => !line.trim().startsWith('#'))
    .flatMap((line) => line.split(','))
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** A list of classes, typed or from a file. */
export function Labels({ studio }: { readonly studio: Studio }) {
  const [text, setText] = useState('');
  const put = (typed: string): void => {
    setText(typed);
    studio.question.value = { ...studio.question.value, labels: labelsOf(typed) };
  };
  const count = studio.question.value.labels.length;
  return (
    <details>
      <summary>labels{count > 0 && `: ${count}`}</summary>
      <label>
        one a line, or with commas between
        <textarea
          name="labels"
          rows={4}
          value={text}
          onInput={({ currentTarget }) => put(currentTarget.value)}
        />
      </label>
      <label class="file">
        from a file
        <input
          type="file"
          accept=".txt,.csv,text/plain"
          onChange={({ currentTarget }) => {
            void currentTarget.files?.[0]?.text().then(put);
            currentTarget.value = '';
          }}
        />
      </label>
    </details>
  );
}
