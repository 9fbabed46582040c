import type { TargetedEvent } from 'preact';
import { showPicture, tell, type Studio } from '../state/studio.js';
import { takeFiles } from '../state/take-files.js';

/** Which picture is asked about. */
export function Pictures({ studio }: { readonly studio: Studio }) {
  const pictures = studio.pictures.value;
  const shown = studio.picture.value?.id ?? '';
  const choose = ({ currentTarget }: TargetedEvent<HTMLSelectElement>): void => {
    const entry = pictures.find(({ id }) => id === currentTarget.value);
    if (entry !== undefined) void tell(studio, () => showPicture(studio, entry));
  };
  const bring = ({ currentTarget }: TargetedEvent<HTMLInputElement>): void => {
    void takeFiles(studio, [...(currentTarget.files ?? [])]);
    currentTarget.value = '';
  };
  return (
    <section>
      <h2>Picture</h2>
      <select aria-label="picture" value={shown} onChange={choose} disabled={pictures.length === 0}>
        {pictures.length === 0 && <option value="">none yet</option>}
        {pictures.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <label class="file">
        open, drop or paste files
        <input type="file" accept="image/*" multiple onChange={bring} />
      </label>
    </section>
  );
}
