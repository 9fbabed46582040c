import type { Settings } from '@maskloom/report/viewer';
import { useSettings } from './use-settings.js';
import type { Studio } from '../state/studio.js';

const SWITCHES = [
  ['outlines', 'outlines'],
  ['dim', 'dim the rest'],
  ['points', 'points'],
  ['maps', 'similarity or objectness map'],
  ['truth', 'outline of the truth'],
] as const;

/** What the pictures show: the report's switches and filters. */
export function Toolbar({ studio }: { readonly studio: Studio }) {
  const { settings } = studio;
  const values = useSettings(settings);
  const change = (part: Partial<Settings>): void => settings.change((all) => Object.assign(all, part));
  return (
    <div class="toolbar" role="toolbar" aria-label="What the pictures show">
      <label>
        masks{' '}
        <input
          type="range"
          min="0"
          max="100"
          value={Math.round(values.opacity * 100)}
          aria-label="opacity of the masks"
          onInput={({ currentTarget }) => change({ opacity: Number(currentTarget.value) / 100 })}
        />
      </label>
      {SWITCHES.filter(([name]) => name !== 'truth' || hasTruth(studio)).map(([name, label]) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={values[name]}
            onChange={({ currentTarget }) => change({ [name]: currentTarget.checked })}
          />{' '}
          {label}
        </label>
      ))}
      <label>
        label{' '}
        <input
          type="search"
          size={10}
          placeholder="any"
          aria-label="show masks whose label contains"
          value={values.label}
          onInput={({ currentTarget }) => change({ label: currentTarget.value.trim().toLowerCase() })}
        />
      </label>
      <label>
        score at least{' '}
        <input
          type="range"
          min="0"
          max="100"
          value={Math.round(values.score * 100)}
          aria-label="least score of the masks shown"
          onInput={({ currentTarget }) => change({ score: Number(currentTarget.value) / 100 })}
        />
        <span class="score">{values.score.toFixed(2)}</span>
      </label>
    </div>
  );
}

/** Whether it is known what is right about what is shown. */
function hasTruth({ current, own }: Studio): boolean {
  const { references = [] } = current.value?.own ?? own.value ?? {};
  return references.some(({ kind }) => kind === 'truth');
}
