import type { TargetedEvent } from 'preact';
import { chooseOwn, titleOf } from '../state/own-questions.js';
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
      <Own studio={studio} />
      <label class="file">
        open, drop or paste files
        <input type="file" accept="image/*" multiple onChange={bring} />
      </label>
    </section>
  );
}

/** The questions that come with the picture: of a data set, or of a run. */
function Own({ studio }: { readonly studio: Studio }) {
  const own = studio.own.value;
  if (own === undefined || own.all.length === 0) return null;
  return (
    <select
      aria-label="question that comes with the picture"
      value={String(own.at)}
      onChange={({ currentTarget }) => void chooseOwn(studio, Number(currentTarget.value))}
    >
      {own.all.map((one, i) => (
        <option key={i} value={String(i)}>
          {titleOf(one)}
        </option>
      ))}
    </select>
  );
}
