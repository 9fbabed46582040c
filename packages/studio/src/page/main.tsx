import { render } from 'preact';
import { App } from './parts/app.js';
import { openStudio } from './state/studio.js';

document.documentElement.classList.add('live');
const place = document.querySelector('#studio');
if (place !== null) render(<App studio={openStudio()} />, place);
