import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Tour } from '../../../bin/demo/stations.ts';
import { liveTraffic } from '../../../bin/demo/traffic.ts';
import type { LocalCloud } from '../../../bin/local/cloud.ts';
import { projectRoot } from '../../../bin/local/places.ts';
import { touredCloud } from '../toured-cloud.ts';
import { mlflowPython } from '../tracking/conformance.ts';

let cloud: LocalCloud;
let tour: Tour;

beforeAll(async () => {
  ({ cloud, tour } = await touredCloud('client'));
}, 240_000);
afterAll(() => cloud?.stop());

const GUIDE = join(projectRoot, 'docs/mlflow.md');
/** The guide's own words for a model that can be served. */
const SERVABLE = readFileSync(GUIDE, 'utf8')
  .split('```')
  .find((block) => block.startsWith('python\n') && block.includes('def servable('))
  ?.slice('python\n'.length);
const WEATHER = join(projectRoot, 'node_modules/vega-datasets/data/weather.csv');

/** What README.md shows: everything by the stock client, which asks until its version is live. */
const SCIENTIST = `
import json, sys, time, mlflow, mlflow.onnx, pandas
from sklearn.linear_model import LogisticRegression
${SERVABLE}
features = ["precipitation", "temp_max", "temp_min", "wind"]
days = pandas.read_csv(sys.argv[1])
days = days[(days.location == "Seattle") & (days.date < "2015")]
rain_tomorrow = (days.precipitation.shift(-1) > 0)[:-1]
client = mlflow.MlflowClient()
mlflow.sklearn.autolog(log_models=False)
mlflow.set_experiment("mine")
with mlflow.start_run():
    model = LogisticRegression(max_iter=1000).fit(days[features][:-1].to_numpy(), rain_tomorrow)
    logged = mlflow.onnx.log_model(servable(model, features), name="model", registered_model_name="rain")
version = logged.registered_model_version
client.set_registered_model_alias("rain", "champion", version)
champion = client.get_model_version_by_alias("rain", "champion").version
told = client.get_model_version("rain", version).tags.get("millrace.rollout")
until, live = time.time() + 150, None
while time.time() < until and live != champion:
    time.sleep(0.5)
    live = client.get_model_version_by_alias("rain", "live").version
tags = client.get_model_version("rain", version).tags
print(json.dumps({"version": str(version), "champion": str(champion), "told": told, "live": str(live), "tags": tags}))
`;

test('a version of the stock client is judged, sealed and rolled out once it is the champion', async () => {
  const python = await mlflowPython();
  // What a new version proves itself with.
  const traffic = liveTraffic(tour.api, 'rain', tour.metadata!, tour.days);
  const { MLFLOW_TRACKING_USERNAME: _user, MLFLOW_TRACKING_PASSWORD: _password, ...env } = process.env;
  const scientist = promisify(execFile)(python, ['-c', SCIENTIST, WEATHER], {
    timeout: 200_000,
    env: {
      ...env,
      MLFLOW_TRACKING_URI: cloud.emulator.edge,
      MLFLOW_TRACKING_TOKEN: tour.api.connection.token,
      PYTHONPYCACHEPREFIX: join(dirname(dirname(python)), 'pycache'),
    },
  });
  const { stdout } = await scientist.finally(traffic.stop);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
    version: '2',
    champion: '2',
    live: '2',
    told: expect.stringMatching(/^candidate: /),
    // A wish that came true leaves nothing to say.
    tags: {},
  });
  expect(traffic.counts()).toEqual({ byVersion: { 1: expect.any(Number), 2: expect.any(Number) }, failed: 0 });
}, 240_000);
