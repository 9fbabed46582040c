import { render } from 'preact';
import { App } from './parts/app.js';
import { bindPage } from './state/shortcuts.js';
import { openStudio } from './state/studio.js';

document.documentElement.classList.add('live');
const place = document.querySelector('#studio');
const studio = openStudio();
bindPage(studio);
if (place !== null) render(<App studio={studio} />, place);
