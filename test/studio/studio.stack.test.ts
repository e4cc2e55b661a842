import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { idleCost, type PricedTemplate } from '../../lib/shared/idle-cost.ts';
import { applyNag } from '../../lib/shared/nag.ts';
import { aStudio, aStudioApp, aStudioTemplate, signingStage } from '../builders/studio-template.ts';

interface Resource {
  Type: string;
  Condition?: string;
  DeletionPolicy?: string;
}
const template = aStudioTemplate();
const resources = template.toJSON().Resources as Record<string, Resource>;
const idleAfter = (minutes: number) => ({
  IdleSettings: {
    LifecycleManagement: 'ENABLED',
    IdleTimeoutInMinutes: minutes,
    MinIdleTimeoutInMinutes: minutes,
    MaxIdleTimeoutInMinutes: minutes,
  },
});

describe('the studio stack of two people', () => {
  test('has a domain, and for each of them a role, a profile, a space and what runs at its start', () => {
    const census: Record<string, number> = {};
    for (const { Type } of Object.values(resources)) census[Type] = (census[Type] ?? 0) + 1;
    expect(census).toEqual({
      'AWS::SageMaker::Domain': 1,
      // The third is the domain's own.
      'AWS::IAM::Role': 3,
      'AWS::IAM::Policy': 2,
      'AWS::SageMaker::UserProfile': 2,
      'AWS::SageMaker::Space': 2,
      'AWS::SageMaker::StudioLifecycleConfig': 2,
    });
  });

  test('is on AWS only, part by part', () => {
    for (const [id, { Condition }] of Object.entries(resources)) expect([id, Condition]).toEqual([id, 'OnAws']);
  });

  test('keeps what holds state, under ids that do not change', () => {
    const kept = Object.entries(resources).flatMap(([id, { DeletionPolicy }]) =>
      DeletionPolicy === 'Retain' ? [id] : [],
    );
    expect(kept.sort()).toEqual([
      'Domain66AC69E0',
      'UserannaProfile91CF4B2E',
      'UserannaSpaceCC4B54EB',
      'UserbenProfile86A70FBF',
      'UserbenSpace8EB23D79',
    ]);
  });

  test('lets them go with a stage that is disposable', () => {
    const policies = Object.values(
      aStudioTemplate({ disposable: true, studio: aStudio() }).toJSON().Resources as Record<string, Resource>,
    ).map(({ DeletionPolicy }) => DeletionPolicy);
    expect(policies).not.toContain('Retain');
  });

  test('costs nothing by the hour: idle it costs storage', () => {
    expect(idleCost([template.toJSON() as PricedTemplate]).usd).toBe(0);
  });

  test('has a domain that people enter by IAM, in the given network, with nothing shared', () => {
    template.hasResourceProperties('AWS::SageMaker::Domain', {
      DomainName: 'millrace-prod',
      AuthMode: 'IAM',
      VpcId: 'vpc-0123456789abcdef0',
      SubnetIds: ['subnet-0123456789abcdef0'],
      DefaultUserSettings: { SharingSettings: { NotebookOutputOption: 'Disabled', S3OutputPath: Match.absent() } },
      // The key of AWS: one of our own is a dollar a month.
      KmsKeyId: Match.absent(),
    });
  });

  test('stops notebooks after an hour without use, and lets nobody choose another time', () => {
    template.hasResourceProperties('AWS::SageMaker::Domain', {
      DefaultUserSettings: { JupyterLabAppSettings: { AppLifecycleManagement: idleAfter(60) } },
    });
    template.allResourcesProperties('AWS::SageMaker::UserProfile', {
      UserSettings: { JupyterLabAppSettings: { AppLifecycleManagement: idleAfter(60) } },
    });
  });

  test('stops them after as long as the stage says', () => {
    const slower = aStudioTemplate({ studio: aStudio({ idleMinutes: 90 }) });
    slower.hasResourceProperties('AWS::SageMaker::Domain', {
      DefaultUserSettings: { JupyterLabAppSettings: { AppLifecycleManagement: idleAfter(90) } },
    });
    slower.allResourcesProperties('AWS::SageMaker::Space', {
      SpaceSettings: {
        JupyterLabAppSettings: { AppLifecycleManagement: { IdleSettings: { IdleTimeoutInMinutes: 90 } } },
      },
    });
  });

  test('gives each a private notebook on the instance of the stage, with their own script at its start', () => {
    for (const profile of ['anna', 'ben']) {
      template.hasResourceProperties('AWS::SageMaker::Space', {
        SpaceName: `${profile}-notebook`,
        OwnershipSettings: { OwnerUserProfileName: profile },
        SpaceSharingSettings: { SharingType: 'Private' },
        SpaceSettings: {
          AppType: 'JupyterLab',
          JupyterLabAppSettings: { DefaultResourceSpec: { InstanceType: 'ml.t3.medium' } },
        },
      });
      template.hasResourceProperties('AWS::SageMaker::UserProfile', {
        UserProfileName: profile,
        UserSettings: {
          ExecutionRole: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^User${profile}Role`), 'Arn'] },
          JupyterLabAppSettings: {
            BuiltInLifecycleConfigArn: {
              'Fn::GetAtt': [Match.stringLikeRegexp(`^User${profile}Start`), Match.anyValue()],
            },
          },
        },
      });
    }
  });

  test('has a role that may do nothing for whoever has none of their own', () => {
    const domains = Object.values(template.findResources('AWS::SageMaker::Domain'));
    const role = domains[0]?.Properties.DefaultUserSettings.ExecutionRole['Fn::GetAtt'][0] as string;
    const policies = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(role).toMatch(/^DomainRole/);
    expect(policies).not.toContain(`"${role}"`);
    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
    expect(resources[role]).not.toHaveProperty('Properties.ManagedPolicyArns');
  });
});

test.each([
  ['tokens', { studio: aStudio() }],
  ['signatures', signingStage],
])('a Studio with %s passes the security rules that every synth is held to', (_, stated) => {
  const { app } = aStudioApp(stated);
  applyNag(app);
  expect(() => app.synth()).not.toThrow();
});

test('a domain that lets idle notebooks run has no price', () => {
  const running = structuredClone(template.toJSON()) as PricedTemplate;
  const domain = running.Resources['Domain66AC69E0']?.Properties as {
    DefaultUserSettings: { JupyterLabAppSettings: { AppLifecycleManagement: object } };
  };
  domain.DefaultUserSettings.JupyterLabAppSettings.AppLifecycleManagement = {
    IdleSettings: { LifecycleManagement: 'DISABLED' },
  };
  expect(() => idleCost([running])).toThrow(/^Domain66AC69E0: lets idle notebooks run, which is billed by the hour$/);
});

test('the local cloud has no Studio, and says so', () => {
  expect(() => aStudioApp({ studio: aStudio() }, 'local')).toThrow(
    /^stages\.local\.studio: got one, the local cloud has no Studio/,
  );
});
