import { describe, expect, test } from '@jest/globals';
import { notebookScript } from '../../lib/studio/notebook-script.ts';
import { ANNAS_SECRET, BENS_SECRET } from '../builders/studio-secrets.ts';
import { aStudio, aStudioTemplate, deployed, signingStage } from '../builders/studio-template.ts';

const TRACKING = 'https://api1.execute-api.eu-central-1.amazonaws.com/v1/tracking';
const REPOSITORY = 'https://git.example.com/team/rain.git';

interface Start {
  StudioLifecycleConfigName: string;
  StudioLifecycleConfigAppType: string;
  /** As it is before its bytes become base64. */
  StudioLifecycleConfigContent: string;
}

/** What runs at the start of each person's notebook, as it is once deployed. */
function startsOf(stated?: object, stage?: string): Record<string, Start> {
  const found = aStudioTemplate(stated, stage).findResources('AWS::SageMaker::StudioLifecycleConfig');
  return Object.fromEntries(
    Object.entries(found).map(([id, { Properties }]) => {
      expect(Properties.StudioLifecycleConfigContent).toHaveProperty('Fn::Base64');
      return [/^User(\w+?)Start/.exec(id)?.[1] ?? id, deployed(Properties) as Start];
    }),
  );
}

describe('what runs at the start of a notebook', () => {
  test('is the script of the repository with the tracking URI, secret and repository of its person', () => {
    const { anna, ben } = startsOf();
    expect(anna).toMatchObject({
      StudioLifecycleConfigAppType: 'JupyterLab',
      StudioLifecycleConfigContent: notebookScript({
        trackingUri: TRACKING,
        tokenSecretArn: ANNAS_SECRET,
        gitRepository: REPOSITORY,
      }),
    });
    expect(ben?.StudioLifecycleConfigContent).toBe(
      notebookScript({
        trackingUri: `${TRACKING}/t/radar`,
        tokenSecretArn: BENS_SECRET,
        gitRepository: REPOSITORY,
      }),
    );
  });

  test("shows nobody another person's secret", () => {
    const { anna, ben } = startsOf();
    expect(anna?.StudioLifecycleConfigContent).not.toContain(BENS_SECRET);
    expect(ben?.StudioLifecycleConfigContent).not.toContain(ANNAS_SECRET);
  });

  test('names no secret where the tracking API takes signatures', () => {
    for (const start of Object.values(startsOf(signingStage)))
      expect(start.StudioLifecycleConfigContent).not.toContain('arn:aws:secretsmanager');
  });

  test('has another name when it has another text: SageMaker changes none', () => {
    const nameFor = (stated: object) => startsOf({ studio: aStudio(stated) })['anna']?.StudioLifecycleConfigName;
    const other = nameFor({ gitRepository: 'https://git.example.com/team/snow.git' });
    expect(nameFor({})).toMatch(/^millrace-prod-anna-[0-9a-f]{6}$/);
    expect(nameFor({})).toBe(nameFor({}));
    expect(other).not.toBe(nameFor({}));
  });

  test('has a name that SageMaker takes, also for the longest names of stage and person', () => {
    const users = { ['p'.repeat(31)]: { tokenSecretArn: ANNAS_SECRET } };
    const [start] = Object.values(startsOf({ studio: aStudio({ users }) }, 's'.repeat(14)));
    expect(start?.StudioLifecycleConfigName).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
  });
});
