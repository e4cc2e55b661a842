import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseStage } from '../../lib/shared/stage.ts';

const parse = (stage: Record<string, unknown>) => parseStage('prod', { prod: stage });

describe('a stage', () => {
  test('with nothing stated keeps what holds state and has a default for the rest', () => {
    expect(parse({})).toMatchObject({
      name: 'prod',
      disposable: false,
      logRetentionDays: 30,
      alarms: { emails: [] },
      endpoints: {},
    });
  });

  test('gives each endpoint its defaults', () => {
    expect(parse({ endpoints: { rain: { model: 'rain' } } }).endpoints['rain']).toMatchObject({
      model: 'rain',
      memoryMiB: 1769,
      keptVersions: 5,
    });
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ logRetentionDays: -1 }, /^stages\.prod\.logRetentionDays: got -1, /],
    [{ endpoints: { rain: {} } }, /^stages\.prod\.endpoints\.rain\.model: got nothing, /],
    [{ endpoints: { rain: { model: 'rain', memory: 1 } } }, /^stages\.prod\.endpoints\.rain: .*"memory"/],
    [{ endpoints: { Rain: { model: 'rain' } } }, /^stages\.prod\.endpoints\.Rain: .*/],
    [{ retention: 1 }, /^stages\.prod\.input: .*"retention"/],
    [{ account: '12' }, /^stages\.prod\.account: got "12", an account id has twelve digits$/],
    [{ alarms: { emails: ['nobody'] } }, /^stages\.prod\.alarms\.emails\.0: got "nobody", /],
    [{ throttle: { rate: 0, burst: 1 } }, /^stages\.prod\.throttle\.rate: got 0, /],
  ])('%j is refused with path, value and rule', (stage, message) => {
    expect(() => parse(stage)).toThrow(message);
  });

  test('that is not there is named beside those that are', () => {
    expect(() => parseStage('staging', { dev: {}, prod: {} })).toThrow(
      'stages.staging: got nothing, expected one of dev, prod',
    );
  });

  test.each(['production-of-europe', 'Prod', '1st', 'a_b'])(
    'named %s is refused before anything is deployed',
    (name) => {
      expect(() => parseStage(name, { [name]: {} })).toThrow(
        `stages.${name}: got ${name}, a stage is lower-case letters`,
      );
    },
  );

  test('of cdk.json is valid', () => {
    const cdk = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')) as {
      context: { stages: Record<string, Record<string, unknown>> };
    };
    const { stages } = cdk.context;
    expect(Object.keys(stages)).toEqual(expect.arrayContaining(['local', 'dev', 'prod']));
    for (const name of Object.keys(stages)) expect(parseStage(name, stages).name).toBe(name);
    expect(Object.keys(stages).filter((name) => parseStage(name, stages).disposable)).toEqual(['local']);
  });
});
