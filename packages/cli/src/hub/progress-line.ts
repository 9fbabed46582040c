import type { Progress } from '@maskloom/hub';
import { sizeText } from '@maskloom/runtime';
import type { Terminal } from '../terminal/terminal.js';

/** Shows how far a download is as one line: file, part, rate and time left. */
export function progressLine(terminal: Terminal): (progress: Progress) => void {
  return (progress) => terminal.progress(describeProgress(progress));
}

/** A download's state in words. */
export function describeProgress({ file, done, total, rate, secondsLeft, waiting }: Progress): string {
  const part = total > 0 ? Math.floor((100 * done) / total) : 100;
  if (waiting) return `${file}: another process is fetching it`;
  const left = secondsLeft === undefined ? '' : `, ${timeText(secondsLeft)} left`;
  return `${part} % of ${sizeText(total)}, ${sizeText(rate)}/s${left}: ${file}`;
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
