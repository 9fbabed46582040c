import { useState } from 'preact/hooks';
import { saveMasks, saveTable } from '../state/keep.js';
import type { Studio } from '../state/studio.js';

/** Goes through the questions that were asked, and saves their masks. */
export function Keep({ studio }: { readonly studio: Studio }) {
  const [form, setForm] = useState('coco');
  const asked = studio.current.value;
  const [count, shown] = [studio.history.value.length, studio.shown.value];
  const forms = Object.entries(studio.facts.value?.forms ?? {});
  const go = (at: number): void => {
    const other = studio.history.value[at];
    if (other === undefined) return;
    studio.shown.value = at;
    studio.picture.value = other.picture;
    studio.question.value = other.question;
    studio.own.value = other.own;
  };
  return (
    <div class="keep">
      <button
        type="button"
        disabled={count === 0 || shown === 0}
        onClick={() => go(shown < 0 ? count - 1 : shown - 1)}
      >
        ← earlier question
      </button>
      <span class="about">{count === 0 ? 'no question yet' : `question ${shown + 1} of ${count}`}</span>
      <button type="button" disabled={shown < 0 || shown >= count - 1} onClick={() => go(shown + 1)}>
        later question →
      </button>
      <label>
        masks as{' '}
        <select value={form} onChange={({ currentTarget }) => setForm(currentTarget.value)}>
          {forms.map(([name, what]) => (
            <option key={name} value={name} title={what}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        disabled={asked?.columns.some(({ record }) => record !== undefined) !== true}
        onClick={() => asked && void saveMasks(studio, asked, form)}
      >
        Save masks
      </button>
      <button
        type="button"
        disabled={asked === undefined}
        onClick={() => asked && void saveTable(studio, asked)}
      >
        Save as ablation table
      </button>
    </div>
  );
}
