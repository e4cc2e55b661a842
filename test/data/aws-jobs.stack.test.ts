import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../lib/data/data-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { idleCost, type PricedTemplate } from '../../lib/shared/idle-cost.ts';
import { applyNag } from '../../lib/shared/nag.ts';
import { parseStage } from '../../lib/shared/stage.ts';

const groundTruth = {
  workteamArn: 'arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/meteorologists',
  functionsAccount: '432418664414',
};

function aTemplate(stated: object): Template {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = parseStage('prod', { prod: stated });
  return Template.fromStack(new DataStack(app, stage, { lineage: new LineageStack(app, stage) }));
}
interface Statement {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}
const statementsOf = (template: Template, owner: string): Statement[] =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(owner))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);

describe('a stage that asks for neither', () => {
  test('has nothing of them', () => {
    const ids = Object.keys(aTemplate({}).toJSON().Resources as object);
    expect(ids.filter((id) => id.startsWith('AwsJobs'))).toEqual([]);
  });
});

describe('a stage with Spark and Ground Truth', () => {
  const template = aTemplate({ spark: { maxVcpu: 16 }, groundTruth });
  const parts = Object.entries(
    template.toJSON().Resources as Record<string, { Type: string; Condition?: string }>,
  ).filter(([id]) => id.startsWith('AwsJobs'));

  test('has every part of them on AWS only', () => {
    expect(parts.length).toBeGreaterThan(10);
    for (const [id, { Condition }] of parts) expect([id, Condition]).toEqual([id, 'OnAws']);
  });

  test('has an application that starts and stops by itself, keeps no workers, and has a limit', () => {
    template.hasResourceProperties('AWS::EMRServerless::Application', {
      ReleaseLabel: 'emr-7.9.0',
      Type: 'SPARK',
      AutoStartConfiguration: { Enabled: true },
      AutoStopConfiguration: { Enabled: true, IdleTimeoutMinutes: 5 },
      MaximumCapacity: { Cpu: '16 vCPU', Memory: '64 GB', Disk: '320 GB' },
      InitialCapacity: Match.absent(),
    });
    const cost = idleCost([template.toJSON() as PricedTemplate]);
    expect(cost.usd).toBeCloseTo(idleCost([aTemplate({}).toJSON() as PricedTemplate]).usd, 9);
  });

  test('has the function of the tasks around them', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'millrace-prod-data-jobs', Timeout: 120 });
  });

  test('lets a Spark job read raw files and the script, and write below its own prefix only', () => {
    const text = JSON.stringify(statementsOf(template, 'AwsJobsSparkRole'));
    const writes = statementsOf(template, 'AwsJobsSparkRole').filter(({ Action }) =>
      JSON.stringify(Action).includes('PutObject'),
    );
    expect(JSON.stringify(writes.map(({ Resource }) => Resource))).toMatch(
      /^\[\{"Fn::Join":\["",\[\{"Fn::GetAtt":\["Curated[^[\]]+\]\},"\/\*\/spark\/\*"\]\]\}\]$/,
    );
    expect(text).not.toMatch(/"Resource":"\*"/);
  });

  test('lets the workflows start and watch their jobs, hand on one role each, and no more', () => {
    const actions = (owner: string) =>
      [...new Set(statementsOf(template, owner).flatMap(({ Action }) => Action))]
        .filter((each) => !/^(logs|xray)/.test(each))
        .sort();
    expect(actions('AwsJobsSparkRefineWithSparkRole')).toEqual([
      ...['emr-serverless:CancelJobRun', 'emr-serverless:GetJobRun', 'emr-serverless:StartJobRun'],
      ...['events:DescribeRule', 'events:PutRule', 'events:PutTargets', 'iam:PassRole', 'lambda:InvokeFunction'],
    ]);
    expect(actions('AwsJobsLabellingLabelObjectsRole')).toEqual([
      ...['iam:PassRole', 'lambda:InvokeFunction', 'sagemaker:AddTags', 'sagemaker:CreateLabelingJob'],
      'sagemaker:DescribeLabelingJob',
    ]);
    const passed = statementsOf(template, 'AwsJobsSparkRefineWithSparkRole').find(
      ({ Action }) => Action === 'iam:PassRole',
    );
    expect(passed).toMatchObject({
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^AwsJobsSparkRole/), 'Arn'] },
      Condition: { StringEquals: { 'iam:PassedToService': 'emr-serverless.amazonaws.com' } },
    });
  });

  test('lets a labelling job call the four functions of the service, by name', () => {
    const called = statementsOf(template, 'AwsJobsLabellingRole').filter(
      ({ Action }) => Action === 'lambda:InvokeFunction',
    );
    const names = [...JSON.stringify(called).matchAll(/:432418664414:function:([\w-]+)/g)].map(([, name]) => name);
    expect(names.sort()).toEqual([
      'ACS-ImageMultiClass',
      'ACS-TextMultiClass',
      'PRE-ImageMultiClass',
      'PRE-TextMultiClass',
    ]);
  });

  test('calls the services that are meant', () => {
    const texts = JSON.stringify(template.findResources('AWS::StepFunctions::StateMachine'));
    for (const resource of [
      'emr-serverless:startJobRun.sync',
      'aws-sdk:sagemaker:createLabelingJob',
      'aws-sdk:sagemaker:describeLabelingJob',
    ])
      expect(texts).toContain(`arn:aws:states:::${resource}`);
  });
});

test('a stage with both passes the security rules that every synth is held to', () => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = parseStage('prod', { prod: { spark: {}, groundTruth } });
  new DataStack(app, stage, { lineage: new LineageStack(app, stage) });
  applyNag(app);
  expect(() => app.synth()).not.toThrow();
});

describe('a stage with one of them', () => {
  test('has the other not', () => {
    const spark = aTemplate({ spark: {} });
    spark.resourceCountIs('AWS::EMRServerless::Application', 1);
    expect(JSON.stringify(spark.toJSON())).not.toContain('labeling');
    aTemplate({ groundTruth }).resourceCountIs('AWS::EMRServerless::Application', 0);
  });

  test.each([
    [{ spark: { maxVcpu: 2 } }, /spark\.maxVcpu: got 2/],
    [{ groundTruth: { ...groundTruth, workteamArn: 'arn:aws:sagemaker:x:1:team' } }, /the ARN of a private workteam/],
    [{ groundTruth: { workteamArn: groundTruth.workteamArn } }, /groundTruth\.functionsAccount: got nothing/],
  ])('is refused where it cannot be: %j', (stated, message) => {
    expect(() => parseStage('prod', { prod: stated })).toThrow(message);
  });
});
