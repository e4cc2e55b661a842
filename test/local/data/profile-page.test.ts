import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { profilePage } from '../../../bin/profile-page/page.ts';
import { diffVersions } from '../../../lambdas/data/version-diff.ts';
import { weatherCsv, weatherSpec } from '../../builders/dataset.ts';
import { profiledVersion } from '../../builders/profiled-version.ts';
import { type Browser, chromium, openBrowser } from '../browser.ts';

const program = chromium();

/** Seattle first, New York beside it: a second version whose columns have shifted. */
async function weatherPage(): Promise<string> {
  const spec = weatherSpec();
  const before = await profiledVersion(spec, weatherCsv({ location: 'Seattle' }));
  const version = await profiledVersion(spec, weatherCsv(), { number: 2, parent: before });
  return profilePage({ version, spec, diff: diffVersions(before, version) });
}

(program ? describe : describe.skip)('the page of a dataset version in a browser', () => {
  let folder: string;
  let file: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `millrace-page-${process.pid}-`));
    file = join(folder, 'weather.html');
    await writeFile(file, await weatherPage());
    browser = await openBrowser(program as string, { width: 1180, height: 2560 });
    await browser.open(pathToFileURL(file).href);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('asks for nothing but itself, and nothing complains', async () => {
    expect(browser.requests).toEqual([pathToFileURL(file).href]);
    expect(browser.complaints).toEqual([]);
  });

  test('shows every section and a chart with a name for each column', async () => {
    const headings = await browser.evaluate<string[]>(
      `[...document.querySelectorAll('h2')].filter((h) => h.checkVisibility()).map((h) => h.textContent)`,
    );
    expect(headings).toEqual([
      'Overview',
      'Quality',
      'Missing values',
      'Distributions',
      'Correlations',
      'What changed',
    ]);
    const charts = await browser.evaluate<{ name: string; width: number; height: number; bars: number }[]>(
      `[...document.querySelectorAll('#distributions svg, #correlations svg')].map((svg) => ({
        name: svg.getAttribute('aria-label'), bars: svg.querySelectorAll('rect').length, ...svg.getBoundingClientRect().toJSON() }))`,
    );
    expect(charts).toHaveLength(8);
    for (const { name, width, height, bars } of charts) {
      expect(name).toMatch(/^(Distribution|Rows by|Most frequent|Correlations) /);
      expect(Math.min(width, height)).toBeGreaterThan(40);
      expect(bars).toBeGreaterThan(1);
    }
  });

  test('has colours from its own style sheet, in light and in dark', async () => {
    const colours = `[document.body, document.querySelector('.card')].map((e) => getComputedStyle(e).backgroundColor)`;
    const light = await browser.evaluate<string[]>(colours);
    const dark = await openBrowser(program as string, { dark: true });
    try {
      await dark.open(pathToFileURL(file).href);
      const night = await dark.evaluate<string[]>(colours);
      expect(light).toEqual(['rgb(247, 248, 250)', 'rgb(255, 255, 255)']);
      expect(night).toEqual(['rgb(18, 22, 28)', 'rgb(27, 33, 41)']);
    } finally {
      await dark.close();
    }
  });

  test('can be pictured', async () => {
    const png = await browser.picture();
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBe(1180);
  });
});
