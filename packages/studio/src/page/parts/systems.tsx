import type { Studio } from '../state/studio.js';

/** Which systems are asked. */
export function Systems({ studio }: { readonly studio: Studio }) {
  const chosen = studio.chosen.value;
  const toggle = (recipe: string, on: boolean): void => {
    studio.chosen.value = on
      ? [...chosen, { recipe, stages: {} }]
      : chosen.filter((choice) => choice.recipe !== recipe);
  };
  return (
    <section>
      <h2>Systems</h2>
      <ul class="systems">
        {studio.systems.value.map(({ id, summary, tasks }) => (
          <li key={id}>
            <label title={`${summary} (${tasks.join(', ')})`}>
              <input
                type="checkbox"
                checked={chosen.some(({ recipe }) => recipe === id)}
                onChange={({ currentTarget }) => toggle(id, currentTarget.checked)}
              />{' '}
              {id}
            </label>
          </li>
        ))}
      </ul>
    </section>
  );
}
