// What a reader would see at once: a page that is wider than its screen, a widget without anything in it, a title too small.

import type { Page } from 'playwright-core';

/** As text, because it runs in the browser, whose types the project does not have. */
const script = `(() => {
  const found = [];
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) found.push('it is ' + wide + ' px wider than the screen');
  for (const widget of document.querySelectorAll('main > section[style]')) {
    const title = widget.querySelector('h2')?.innerText ?? widget.innerText.slice(0, 40);
    const box = widget.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) found.push('no room for "' + title + '"');
    if (!widget.querySelector('svg, .none, li, dl, p, h2')) found.push('nothing in "' + title + '"');
    const drawing = widget.querySelector('svg')?.getBoundingClientRect();
    if (drawing && drawing.height < 60) found.push('a flat drawing in "' + title + '"');
    if (widget.classList.contains('lines') && !widget.querySelector('svg, .none'))
      found.push('neither a drawing nor "no data" in "' + title + '"');
    if (widget.scrollWidth > widget.clientWidth + 1) found.push('"' + title + '" is wider than its widget');
    if (widget.scrollHeight > widget.clientHeight + 2) found.push('"' + title + '" is cut off');
  }
  for (const title of document.querySelectorAll('h1, h2, h3')) {
    if (title.hidden) continue;
    if (title.innerText.trim() === '') found.push('a title without words');
    if (parseFloat(getComputedStyle(title).fontSize) < 12) found.push('a small title: ' + title.innerText);
  }
  return found;
})()`;

export const findFaults = async (page: Page): Promise<readonly string[]> =>
  (await page.evaluate(script)) as readonly string[];
