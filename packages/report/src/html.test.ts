import { describe, expect, it } from 'vitest';
import { escapeHtml, markup, jsonScript } from './html.js';

describe('markup', () => {
  it('escapes values and leaves markup that is already safe', () => {
    const name = '"><img src=x onerror=alert(1)>';
    expect(markup`<p title="${name}">${markup`<b>${name}</b>`}</p>`.text).toBe(
      '<p title="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"><b>&quot;&gt;&lt;img src=x onerror=alert(1)&gt;</b></p>',
    );
  });

  it('drops undefined and false, joins lists', () => {
    expect(markup`a${undefined}b${false}c${[markup`d`, markup`e`]}${0}`.text).toBe('abcde0');
  });

  it('shows marks that reverse text and control characters', () => {
    expect(escapeHtml('a\u202eb\u0000c')).toBe('a\ufffdb\ufffdc');
  });

  it('writes JSON that cannot end its script element', () => {
    const text = jsonScript({ a: '</script><!--\u2028' }).text;
    expect(text).not.toMatch(/[<>\u2028]/);
    expect(JSON.parse(text)).toEqual({ a: '</script><!--\u2028' });
  });
});
