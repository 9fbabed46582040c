// Texts that a browser would run, were they put into the studio's page as markup.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { CHROMIUM } from '../e2e/lib/chromium.js';
import { chooseSystems, openTestStudio } from '../e2e/lib/studio.js';

const SCRIPT = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

describe.skipIf(CHROMIUM === undefined && process.env['CI'] === undefined)('script in what is shown', () => {
  it('is text: in names of pictures, in questions, in labels and in answers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maskloom-studio-test-'));
    const picture = join(folder, '<img src=x onerror=hacked=1>.png');
    await writeFile(
      picture,
      await sharp({ create: { width: 32, height: 32, channels: 3, background: 'blue' } })
        .png()
        .toBuffer(),
    );
    await using own = await openTestStudio({ inputs: [picture] });
    const browser = await chromium.launch({ executablePath: CHROMIUM ?? 'chromium', args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(own.studio.url);
      await page.getByLabel('phrase or question').fill(SCRIPT);
      await chooseSystems(page, ['read/full']);
      // The answer is what the option says.
      await page.locator('.systems summary', { hasText: 'read/full' }).click();
      await page.locator('.slots li', { hasText: 'LanguageModel' }).getByText('options').click();
      const answer = page.locator('.slots li', { hasText: 'LanguageModel' }).getByLabel('forcedAnswer');
      await answer.fill(JSON.stringify(`${SCRIPT} [SEG].`));
      await answer.blur();
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.locator('.answer', { hasText: 'onerror' }).waitFor();
      expect(await page.locator('.cell h3').first().textContent()).toContain('<img src=x');
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(await page.locator('.markup img[src="x"], .markup script, h3 img').count()).toBe(0);
    } finally {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
