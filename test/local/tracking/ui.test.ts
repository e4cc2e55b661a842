import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../../bin/local/places.ts';
import { type Browser, chromium, openBrowser } from '../browser.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';
import { click, fill, see, waitFor } from '../page-actions.ts';
import { makeUiRecords, restOf, type UiRecords } from './ui-records.ts';

const cloud = cloudUnderTest();
const tracking = cloud.tracking;
const program = chromium();
/** `MILLRACE_PICTURES=true` writes the pictures of docs/mlflow.md. */
const takesPictures = process.env['MILLRACE_PICTURES'] === 'true';

/** What the stock UI asks every server for and no server without those features has; it shows its pages all the same. */
const ASKED_IN_VAIN = [
  // Accounts of MLflow's own login, and a chat assistant that runs on the server's machine.
  'GET ajax-api/2.0/mlflow/users/current',
  'GET ajax-api/3.0/mlflow/assistant/config',
  'GET ajax-api/3.0/mlflow/assistant/providers',
];

const suffix = `-${Date.now().toString(36)}`;
const own = takesPictures ? '' : suffix;
const names = { experiment: `weather${own}`, model: `rain${own}` };
const elsewhere = { workspace: `ui${suffix}`, experiment: `elsewhere${suffix}`, model: `elsewhere${suffix}` };

(program ? describe : describe.skip)('the stock MLflow UI', () => {
  let browser: Browser;
  let records: UiRecords;
  beforeAll(async () => {
    records = await makeUiRecords(restOf(tracking, cloud.token), names.experiment, names.model);
    browser = await openBrowser(program as string, { width: 1280, height: 800 });
  });
  afterAll(() => browser?.close());

  /** Opens an address of the UI anew. An address that differs in its fragment only would not be loaded. */
  async function show(fragment: string, base = tracking): Promise<void> {
    await browser.open('about:blank');
    await browser.open(`${base}/#/${fragment}`);
  }

  /** Once the page has all that it asks for: nothing failed that is not expected, nothing was said, nothing left. */
  async function expectPeace(base = tracking): Promise<void> {
    await browser.rest();
    const asked = browser.failures.map(({ method, url, why }) => ({ why, what: `${method} ${below(base, url)}` }));
    expect(asked.filter(({ what }) => !ASKED_IN_VAIN.includes(what))).toEqual([]);
    for (const { why } of asked) expect(why).toBe('404');
    expect(browser.complaints.filter((each) => !/^Failed to load resource|WebGL/.test(each))).toEqual([]);
    expect(browser.requests.filter((url) => !url.startsWith(`${base}/`) && !/^(data|blob):/.test(url))).toEqual([]);
  }

  const pictureOf = async (name: string) => {
    if (!takesPictures) return;
    const folder = join(projectRoot, 'docs/images');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `mlflow-${name}.png`), await browser.picture());
  };

  const runPage = () => `experiments/${records.experimentId}/runs/${records.runIds[0]}`;

  test('sends somebody without a login to log in, and then to where they wanted', async () => {
    await browser.open(`${tracking}/#/experiments`);
    await see(browser, 'Log in to Millrace');
    await fill(browser, '#token', 'mlr_unknown');
    await click(browser, 'button[type=submit]');
    await see(browser, 'no token that is known');
    await fill(browser, '#token', cloud.token);
    await click(browser, 'button[type=submit]');
    await see(browser, names.experiment);
    expect(await browser.evaluate('location.href')).toBe(`${tracking}/#/experiments`);
    // A panel about what is not here lies over the pages until it is closed.
    await closeAssistant();
  });

  async function closeAssistant(): Promise<void> {
    await browser.evaluate(
      `document.querySelector('[data-component-id="mlflow.assistant.chat_panel.close"]')?.click()`,
    );
  }

  test('lists the experiments', async () => {
    await show('experiments');
    await see(browser, names.experiment);
    await expectPeace();
    await pictureOf('experiments');
  });

  test('shows the runs of an experiment with their parameters and metrics', async () => {
    await show(`experiments/${records.experimentId}/runs`);
    for (const name of ['rate-0.3', 'rate-0.1', 'rate-0.03']) await see(browser, name);
    await expectPeace();
    await pictureOf('runs');
  });

  test('draws the curves of runs side by side', async () => {
    await show(`experiments/${records.experimentId}/runs?compareRunsMode=CHART`);
    await waitFor(browser, '.js-plotly-plot .main-svg');
    await expectPeace();
  });

  test('shows a run: what it was given, what it reached, what it was of', async () => {
    await show(runPage());
    for (const text of ['rate-0.3', 'learning_rate', 'auc', 'gbdt-0', `${names.model}`]) await see(browser, text);
    await expectPeace();
    await pictureOf('run');
  });

  test('draws the curve of a metric', async () => {
    await show(`${runPage()}/model-metrics`);
    await waitFor(browser, '.js-plotly-plot .scatterlayer path.js-line, .js-plotly-plot .main-svg');
    await see(browser, 'loss');
    await expectPeace();
    await pictureOf('metrics');
  });

  test('lists the files of a run and shows one', async () => {
    await show(`${runPage()}/artifacts/notes/summary.txt`);
    await see(browser, 'Trained on the weather of Seattle.');
    await expectPeace();
    await pictureOf('artifacts');
  });

  test('compares runs', async () => {
    const runs = encodeURIComponent(JSON.stringify(records.runIds));
    await show(`compare-runs?runs=${runs}&experiments=${encodeURIComponent(`["${records.experimentId}"]`)}`);
    for (const text of ['Comparing 3 Runs', 'learning_rate', 'loss']) await see(browser, text);
    await expectPeace();
    await pictureOf('compare');
  });

  test('lists the registered models, shows one, and shows a version of it', async () => {
    await show('models');
    await see(browser, names.model);
    await expectPeace();
    await show(`models/${names.model}`);
    for (const text of ['Will it rain tomorrow?', 'Version 2', 'candidate']) await see(browser, text);
    await expectPeace();
    await pictureOf('model');
    await show(`models/${names.model}/versions/2`);
    for (const text of ['Version 2', 'rate-0.1']) await see(browser, text);
    await expectPeace();
  });

  test('lists the logged models of an experiment and shows one', async () => {
    await show(`experiments/${records.experimentId}/models`);
    for (const text of ['gbdt-0', 'gbdt-2']) await see(browser, text);
    await expectPeace();
    await show(`experiments/${records.experimentId}/models/${records.modelIds[1]}`);
    for (const text of ['gbdt-1', 'rate-0.1']) await see(browser, text);
    await expectPeace();
  });

  test('says of a run that is nowhere that it does not exist', async () => {
    await show(`experiments/${records.experimentId}/runs/${'0'.repeat(32)}`);
    await see(browser, 'does not exist');
  });

  test('works the same in another workspace, and shows nothing of the first', async () => {
    const base = `${tracking}/t/${elsewhere.workspace}`;
    const there = await makeUiRecords(restOf(base, cloud.token), elsewhere.experiment, elsewhere.model);
    await show('experiments', base);
    await see(browser, elsewhere.experiment);
    expect(await browser.evaluate('document.body.innerText')).not.toContain(names.experiment);
    await expectPeace(base);
    await show(`experiments/${there.experimentId}/runs/${there.runIds[2]}/artifacts/notes/summary.txt`, base);
    await see(browser, 'Trained on the weather of Seattle.');
    await expectPeace(base);
  });
});

const below = (base: string, url: string) => url.replace(`${base}/`, '').replace(/\?.*$/, '');
