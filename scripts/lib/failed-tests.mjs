import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * What failed in a run of Vitest, a line each: file, test and the first line of the error; files that did not load too.
 * @param report - path of the JSON reporter's file; none when the run ended before it was written
 */
export function failedTests(report) {
  if (!existsSync(report)) return ['Vitest ended before it wrote its report.'];
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : [];
    return failed.map((test) => `${file} > ${test.fullName}: ${firstLine(test.failureMessages.join('\n'))}`);
  });
}

const firstLine = (text) => text.split('\n', 1)[0];
