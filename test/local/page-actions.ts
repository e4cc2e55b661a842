import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from './browser.ts';

const MOST_MS = 20_000;

/** Waits until an expression in the page is true; else fails with what the page shows. */
async function until(browser: Browser, what: string, expression: string): Promise<void> {
  const end = Date.now() + MOST_MS;
  while (!(await browser.evaluate<boolean>(`Boolean(${expression})`))) {
    if (Date.now() > end) {
      const shown = await browser.evaluate<string>('document.body.innerText');
      throw new Error(`the page shows no ${what} within ${MOST_MS / 1000} s: ${shown.slice(0, 1500)}`);
    }
    await sleep(50);
  }
}

/** Waits until the page shows a text to its reader. */
export const see = (browser: Browser, text: string): Promise<void> =>
  until(browser, JSON.stringify(text), `document.body?.innerText.includes(${JSON.stringify(text)})`);

/** Waits for an element. */
export async function waitFor(browser: Browser, selector: string): Promise<void> {
  await until(browser, selector, `document.querySelector(${JSON.stringify(selector)})`);
}

export async function click(browser: Browser, selector: string): Promise<void> {
  await waitFor(browser, selector);
  await browser.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
}

/** Writes into a field of a form as a person does: the page hears of it. */
export async function fill(browser: Browser, selector: string, value: string): Promise<void> {
  await waitFor(browser, selector);
  await browser.evaluate(`(() => {
    const field = document.querySelector(${JSON.stringify(selector)});
    field.value = ${JSON.stringify(value)};
    field.dispatchEvent(new Event('input', { bubbles: true }));
  })()`);
}
