import { KEYS } from '../state/shortcuts.js';
import type { Studio } from '../state/studio.js';
import { Grid } from './grid.js';
import { Keep } from './keep.js';
import { Figures } from './score.js';
import { Pictures } from './pictures.js';
import { QuestionForm } from './question-form.js';
import { Systems } from './systems.js';
import { Toolbar } from './toolbar.js';

/** The whole page. */
export function App({ studio }: { readonly studio: Studio }) {
  return (
    <div class="studio">
      <header class="head">
        <h1>Maskloom studio</h1>
        <p class={/^[A-Z_]+: /.test(studio.notice.value) ? 'notice bad' : 'notice'} role="status">
          {studio.notice.value}
        </p>
      </header>
      <aside class="side" aria-label="What is asked">
        <Pictures studio={studio} />
        <QuestionForm studio={studio} />
        <Systems studio={studio} />
        <details>
          <summary>keys</summary>
          <dl class="keys">
            {KEYS.map(([key, what]) => (
              <div key={key}>
                <dt>{key}</dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </details>
      </aside>
      <main class="main">
        <Toolbar studio={studio} />
        <Keep studio={studio} />
        <Figures studio={studio} />
        <Grid studio={studio} />
      </main>
    </div>
  );
}
