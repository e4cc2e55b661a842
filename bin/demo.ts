import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { asPlatformError } from '../lambdas/shared/errors.ts';
import { apiClient } from './client/api-client.ts';
import { connectionTo } from './client/connection.ts';
import { idleCostOf } from './demo/idle.ts';
import { terminalPicture } from './demo/picture.ts';
import { demoStage } from './demo/station.ts';
import {
  alarmIs,
  fireAgain,
  ingest,
  lookBack,
  predictYear,
  retrain,
  rollOut,
  type Tour,
  train,
} from './demo/stations.ts';
import { readWeather } from './demo/weather.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { type LocalCloud, localUp } from './local/cloud.ts';
import { paint } from './terminal.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    picture: { type: 'string' },
  },
});
// A picture is coloured although nobody looks at a terminal while it is made.
if (options.picture) process.env['FORCE_COLOR'] = '1';

/** Two demos may run side by side; one that is kept has the name that its last lines say. */
const name = options.keep ? 'demo' : `demo-${process.pid}`;

const interrupt = new AbortController();
// `on`, not `once`: the tools that run here end this process where nobody else listens (bin/local/tool.ts).
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());

async function demo(): Promise<void> {
  const { signal } = interrupt;
  const began = performance.now();
  const stage = demoStage(options.json, signal);
  const { station } = stage;
  let tour: Tour | undefined;
  let cloud: LocalCloud | undefined;
  let kept = false;
  const at = (): Tour => tour as Tour;

  try {
    await station('local-cloud', 'Local cloud: every stack of the CDK app, on this machine', async (say) => {
      cloud = await localUp({
        name,
        signal,
        onProgress: ({ text, seconds }) => seconds !== undefined && say(`${text}: ${seconds.toFixed(1)} s`),
      });
      tour = { api: apiClient(await connectionTo(cloud)), days: await readWeather(), signal, cloud };
      say(`${Object.keys(cloud.outputs).length} stacks at ${cloud.endpoint}, every function under its own role`);
      return { endpoint: cloud.endpoint, stacks: Object.keys(cloud.outputs).length };
    });
    await station('ingest', 'Ingest: a file lands in the raw zone, its arrival starts everything', (say) =>
      ingest(at(), say, 'Seattle'),
    );
    const first = await station('train', 'Train and gate: will it rain tomorrow?', (say) => train(at(), say));
    await station('roll-out', 'Register and roll out: version 1 becomes champion, then live', (say) =>
      rollOut(at(), say, Number(first['version'])),
    );
    await station('predict', 'Predict: all of Seattle 2015 through API Gateway', async (say) => {
      const figures = await predictYear(at(), say, 'Seattle');
      const alarm = await alarmIs(at(), 'ok');
      say(`the drift alarm is ${paint('green', alarm)}`);
      return { ...figures, alarm };
    });
    await station('drift', 'Drift: all of New York 2015 arrives at the same endpoint', async (say) => {
      await ingest(at(), say, 'New York');
      const figures = await predictYear(at(), say, 'New York');
      const alarm = await alarmIs(at(), 'alarm');
      say(`the drift alarm is ${paint('red', alarm)}`);
      return { ...figures, alarm };
    });
    const second = await station(
      'retrain',
      'Retrain: the alarm starts one training, however often it fires',
      async (say) => {
        await fireAgain(at(), say);
        return retrain(at(), say);
      },
    );
    await station('roll-out-again', 'Roll out again: golden set, 10 %, 100 %, under live traffic', (say) =>
      rollOut(at(), say, Number(second['version'])),
    );
    await station('look-back', 'Look back: what was live when, and where one prediction came from', (say) =>
      lookBack(at(), say),
    );
    await station('end', 'The end', async (say) => {
      for (const { station: name, seconds } of stage.reports)
        say(`${name.padEnd(16)} ${seconds.toFixed(1).padStart(6)} s`);
      const total = (performance.now() - began) / 1000;
      say(`${'in all'.padEnd(16)} ${total.toFixed(1).padStart(6)} s`);
      const { usd, items } = await idleCostOf((cloud as LocalCloud).assembly);
      say(`an idle month of this on AWS costs ${usd.toFixed(2)} USD:`);
      for (const item of items.filter((each) => each.usd > 0))
        say(`  ${item.usd.toFixed(2)}  ${item.count} × ${item.what}`);
      say('next: npm run demo -- --keep, then npm run -s millrace -- endpoint status rain');
      return { total, idleMonthUsd: usd };
    });
    if (options.picture) await writeFile(options.picture, terminalPicture(stage.text()));
    if (options.keep) keep(at());
    kept = options.keep;
  } finally {
    if (!kept) await cloud?.stop();
  }

  function keep({ api }: Tour): void {
    cloud?.emulator.release();
    stage.note(`It goes on running.
   tracking URI   ${cloud?.emulator.edge}
   control API    ${api.connection.control}
   inference API  ${api.connection.inference}
   token          ${api.connection.token}
   try            npm run -s millrace -- endpoint status rain
   stop it        npm run -s millrace -- local down --name ${name}`);
  }
}

demo().catch((thrown: unknown) => {
  const error = asPlatformError(thrown);
  if (interrupt.signal.aborted) process.stderr.write('\nstopped; nothing is left running\n');
  else
    process.stderr.write(
      `\n${paint('red', error.name)}: ${error.message}\n${error.cause instanceof Error ? `${error.cause.stack}\n` : ''}`,
    );
  process.exit(interrupt.signal.aborted ? 130 : EXIT_CODES[error.kind]);
});
