import { describe, expect, test } from '@jest/globals';
import { parseStage, type Stage } from '../../lib/shared/stage.ts';
import { studioRoleName } from '../../lib/shared/studio-stage.ts';
import { ANNAS_SECRET } from '../builders/studio-secrets.ts';

const studio = (stated: object = {}) => ({
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: ['subnet-0123456789abcdef0'],
  gitRepository: 'https://git.example.com/team/rain.git',
  users: { anna: { tokenSecretArn: ANNAS_SECRET } },
  ...stated,
});
const trackingIam = {
  callers: [{ principal: 'arn:aws:iam::111122223333:role/S', roles: ['scientist'], workspaces: ['default'] }],
};
const parse = (stated: object): Stage => parseStage('prod', { prod: stated });
const withUser = (name: string, user: object = { tokenSecretArn: ANNAS_SECRET }) => ({
  studio: studio({ users: { [name]: user } }),
});

describe('the Studio of a stage', () => {
  test('is none unless the stage has one', () => {
    expect(parse({}).studio).toBeUndefined();
  });

  test('stops after an hour, on a small instance, in the workspace default, where nothing else is said', () => {
    expect(parse({ studio: studio() }).studio).toMatchObject({
      idleMinutes: 60,
      instanceType: 'ml.t3.medium',
      users: { anna: { workspace: 'default' } },
    });
  });

  test('needs no secrets where the tracking API takes signatures', () => {
    expect(parse({ trackingIam, studio: studio({ users: { anna: {} } }) }).studio?.users).toEqual({
      anna: { workspace: 'default' },
    });
  });

  test.each<[object, RegExp]>([
    [{ studio: studio({ vpcId: 'default' }) }, /^stages\.prod\.studio\.vpcId: got "default", the id of a VPC$/],
    [{ studio: studio({ vpcId: undefined }) }, /^stages\.prod\.studio\.vpcId: got nothing, /],
    [{ studio: studio({ subnetIds: [] }) }, /^stages\.prod\.studio\.subnetIds: got \[\], /],
    [
      { studio: studio({ subnetIds: ['10.0.0.0'] }) },
      /^stages\.prod\.studio\.subnetIds\.0: got "10.0.0.0", the id of a subnet$/,
    ],
    [{ studio: studio({ users: {} }) }, /^stages\.prod\.studio\.users: got \{\}, a Studio has at least one user$/],
    [{ studio: studio({ idleMinutes: 59 }) }, /^stages\.prod\.studio\.idleMinutes: got 59, /],
    [{ studio: studio({ idleMinutes: 525_601 }) }, /^stages\.prod\.studio\.idleMinutes: got 525601, /],
    [
      { studio: studio({ instanceType: 't3.medium' }) },
      /^stages\.prod\.studio\.instanceType: got "t3.medium", an instance type/,
    ],
    [{ studio: studio({ sharing: true }) }, /^stages\.prod\.studio: .*"sharing"/],
    [withUser('Anna'), /^stages\.prod\.studio\.users\.Anna: got .*, a profile is named with lower-case/],
    [withUser('anna-'), /^stages\.prod\.studio\.users\.anna-: .*inner hyphens/],
    [withUser('a'.repeat(32)), /^stages\.prod\.studio\.users\.a{32}: .*at most 31/],
    [
      withUser('anna', { workspace: 'a/b', tokenSecretArn: ANNAS_SECRET }),
      /^stages\.prod\.studio\.users\.anna\.workspace: got "a\/b", /,
    ],
    [
      withUser('anna', { tokenSecretArn: 'millrace/anna' }),
      /^stages\.prod\.studio\.users\.anna\.tokenSecretArn: got "millrace\/anna", the whole ARN/,
    ],
    [
      withUser('anna', { tokenSecretArn: ANNAS_SECRET.slice(0, -7) }),
      /tokenSecretArn: got .*, the whole ARN of a secret/,
    ],
    [withUser('anna', {}), /^stages\.prod\.studio\.users\.anna\.tokenSecretArn: got nothing, expected a secret/],
    [
      { trackingIam, studio: studio() },
      /^stages\.prod\.studio\.users\.anna\.tokenSecretArn: got ".*", expected none: with trackingIam/,
    ],
  ])('is refused with path, value and rule: %j', (stated, message) => {
    expect(() => parse(stated)).toThrow(message);
  });

  test.each([
    'http://git.example.com/team/rain.git',
    'git@git.example.com:team/rain.git',
    'https://anna:secret@git.example.com/team/rain.git',
    'https://git.example.com/',
    'https://git.example.com/team/../rain.git',
    'https://git.example.com/team/.git',
    'https://git.example.com/rain.git?token=1',
    "https://git.example.com/ra'in.git",
    'https://git.example.com/$(id)',
    'https://git.example.com/rain.git\n',
    'file:///etc',
    `https://git.example.com/${'r'.repeat(300)}`,
  ])('takes no repository %j', (gitRepository) => {
    expect(() => parse({ studio: studio({ gitRepository }) })).toThrow(/^stages\.prod\.studio\.gitRepository: got "/);
  });

  test.each([
    'https://github.com/team/rain',
    'https://git.example.com:8443/a/b/c.git',
    'https://git.example.com/~anna/rain_2.git',
  ])('takes the repository %s', (gitRepository) => {
    expect(parse({ studio: studio({ gitRepository }) }).studio?.gitRepository).toBe(gitRepository);
  });
});

test('the longest names make a role name that IAM takes', () => {
  expect(studioRoleName('a'.repeat(14), 'b'.repeat(31)).length).toBeLessThanOrEqual(64);
});
