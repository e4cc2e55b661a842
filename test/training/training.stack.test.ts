import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../lib/data/data-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { RegistryStack } from '../../lib/registry/registry-stack.ts';
import { parseStage } from '../../lib/shared/stage.ts';
import { TrackingStack } from '../../lib/tracking/tracking-stack.ts';
import { TrainingStack } from '../../lib/training/training-stack.ts';

function aTemplate(): Template {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = parseStage('prod', { prod: {} });
  const lineage = new LineageStack(app, stage);
  const data = new DataStack(app, stage, { lineage });
  const registry = new RegistryStack(app, stage, { lineage });
  const tracking = new TrackingStack(app, stage, { lineage, data });
  return Template.fromStack(new TrainingStack(app, stage, { lineage, data, registry, tracking }));
}

interface Statement {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}
interface Resource {
  Type: string;
  Condition?: string;
  Properties: Record<string, unknown>;
}

describe('the training stack', () => {
  const template = aTemplate();
  const resources = template.toJSON()['Resources'] as Record<string, Resource>;

  /** What the role of a construct may do, as `action resource` with ids shortened to what they name. */
  const rightsOf = (construct: string): string[] =>
    Object.entries(resources)
      .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith(`${construct}RoleDefaultPolicy`))
      .flatMap(([, { Properties }]) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement)
      .flatMap(({ Action, Resource }) =>
        [Action].flat().flatMap((action) => [Resource].flat().map((target) => `${action} ${short(target)}`)),
      )
      .filter((right) => !/^(xray|logs:(CreateLogStream|PutLogEvents) \S*Logs)/.test(right))
      .sort();
  const short = (target: unknown): string =>
    JSON.stringify(target)
      .replace(
        /\{"Fn::ImportValue":"[^"]*?(Catalogue|Curated|Artifacts|Bundles|Signer|Raw|Tracking)[0-9A-F]{8}[^"]*"\}/g,
        '<$1>',
      )
      .replace(/\{"Fn::GetAtt":\["([A-Za-z]+)[0-9A-F]{8}",?"\w+"\]\}/g, '<$1>')
      .replace(/\{"Ref":"AWS::(\w+)"\}/g, '$1')
      .replace(/\{"Fn::Join":\["",\[(.*?)\]\]\}/g, (_, parts: string) => parts.replace(/"?,"?/g, ''))
      .replaceAll('"', '');

  test('has exactly these resources', () => {
    const census: Record<string, number> = {};
    for (const { Type } of Object.values(resources)) census[Type] = (census[Type] ?? 0) + 1;
    expect(census).toEqual({
      'AWS::CloudWatch::Alarm': 3,
      'AWS::Events::Rule': 2,
      'AWS::IAM::Policy': 9,
      'AWS::IAM::Role': 9,
      'AWS::Lambda::EventInvokeConfig': 2,
      'AWS::Lambda::Function': 7,
      'AWS::Lambda::Permission': 2,
      'AWS::Logs::LogGroup': 8,
      'AWS::SQS::Queue': 2,
      'AWS::SQS::QueuePolicy': 2,
      'AWS::StepFunctions::StateMachine': 1,
    });
  });

  test('only the release function writes bundles and may sign', () => {
    const holders = ['Tasks', 'Evaluate', 'Release', 'Api', 'RetrainingStartTraining', 'Jobs', 'JobsStandIn'].map(
      (name) => [name, rightsOf(name).filter((right) => /^(kms:Sign|s3:PutObject <Bundles>)/.test(right))],
    );
    expect(holders.filter(([, rights]) => rights?.length)).toEqual([
      ['Release', ['kms:Sign <Signer>', 's3:PutObject <Bundles>/*']],
    ]);
  });

  test('gives the function that trains what it reads, and its runs’ files to write', () => {
    expect(rightsOf('Tasks')).toEqual([
      'dynamodb:BatchGetItem <Tracking>',
      'dynamodb:GetItem <Catalogue>',
      'dynamodb:GetItem <Tracking>',
      'dynamodb:PutItem <Tracking>',
      'dynamodb:Query <Catalogue>',
      'dynamodb:Query <Tracking>',
      's3:GetObject <Artifacts>/*/mlflow/*',
      's3:GetObject <Artifacts>/*/runs/*',
      's3:GetObject <Artifacts>/*/steps/*',
      's3:GetObject <Curated>/*/*/manifests/*',
      's3:GetObject <Curated>/*/*/train/*',
      's3:ListBucket <Artifacts>',
      's3:ListBucket <Curated>',
      's3:PutObject <Artifacts>/*/runs/*',
      's3:PutObject <Artifacts>/*/steps/*',
    ]);
  });

  test('gives the function that judges the rows that are held out, and one file to write', () => {
    expect(rightsOf('Evaluate')).toEqual([
      'dynamodb:GetItem <Catalogue>',
      'dynamodb:Query <Catalogue>',
      'kms:GetPublicKey <Signer>',
      's3:GetObject <Artifacts>/*/runs/*',
      's3:GetObject <Bundles>/*',
      's3:GetObject <Curated>/*/*/manifests/*',
      's3:GetObject <Curated>/*/*/test/*',
      's3:GetObject <Curated>/*/*/train/*',
      's3:ListBucket <Artifacts>',
      's3:ListBucket <Bundles>',
      's3:ListBucket <Curated>',
      's3:PutObject <Artifacts>/*/runs/*/evaluation.json',
    ]);
  });

  test('gives the function that releases no training data and no delete', () => {
    expect(rightsOf('Release')).toEqual([
      'dynamodb:BatchGetItem <Tracking>',
      'dynamodb:GetItem <Catalogue>',
      'dynamodb:GetItem <Tracking>',
      'dynamodb:PutItem <Catalogue>',
      'dynamodb:PutItem <Tracking>',
      'dynamodb:Query <Catalogue>',
      'dynamodb:Query <Tracking>',
      'kms:GetPublicKey <Signer>',
      'kms:Sign <Signer>',
      's3:GetObject <Artifacts>/*/runs/*',
      's3:GetObject <Bundles>/*',
      's3:GetObject <Curated>/*/*/manifests/*',
      's3:ListBucket <Artifacts>',
      's3:ListBucket <Bundles>',
      's3:ListBucket <Curated>',
      's3:PutObject <Artifacts>/*/mlflow/*/artifacts/model/*',
      's3:PutObject <Artifacts>/*/runs/*/gate.json',
      's3:PutObject <Bundles>/*',
    ]);
  });

  test('gives those who start trainings this one state machine', () => {
    for (const [starter, more] of [
      ['Api', ['s3:PutObject <Artifacts>/*/scripts/*']],
      ['RetrainingStartTraining', ['sqs:SendMessage <RetrainingUnstartedTrainings>']],
    ] as const) {
      expect(rightsOf(starter)).toEqual([
        'dynamodb:ConditionCheckItem <Catalogue>',
        'dynamodb:GetItem <Catalogue>',
        'dynamodb:PutItem <Catalogue>',
        'dynamodb:Query <Catalogue>',
        ...more,
        expect.stringMatching(/^states:DescribeExecution .*:execution:.*:\*$/),
        'states:StartExecution <TrainModel>',
      ]);
    }
  });

  test('gives a training job its script, its channels and its archive, and no data zone', () => {
    expect(rightsOf('Jobs')).toEqual([
      'cloudwatch:PutMetricData *',
      expect.stringMatching(/^ecr:BatchCheckLayerAvailability arn:Partition:ecr:Region:\*:repository\/\*$/),
      expect.stringMatching(/^ecr:BatchGetImage /),
      'ecr:GetAuthorizationToken *',
      expect.stringMatching(/^ecr:GetDownloadUrlForLayer /),
      ...['CreateLogGroup', 'CreateLogStream', 'DescribeLogStreams', 'PutLogEvents'].map((action) =>
        expect.stringMatching(new RegExp(`^logs:${action} arn:.*:log-group:/aws/sagemaker/TrainingJobs:\\*$`)),
      ),
      's3:GetObject <Artifacts>/*/runs/*/channels/*',
      's3:GetObject <Artifacts>/*/scripts/*',
      's3:ListBucket <Artifacts>',
      's3:PutObject <Artifacts>/*/runs/*/job/*',
    ]);
  });

  test('lets the state machine call its functions and run jobs of the platform, with the job’s role for SageMaker only', () => {
    const rights = rightsOf('TrainModel').filter((right) => !/^(logs|xray)/.test(right));
    expect(rights).toEqual([
      expect.stringMatching(/^events:DescribeRule .*StepFunctionsGetEventsForSageMakerTrainingJobsRule$/),
      expect.stringMatching(/^events:PutRule /),
      expect.stringMatching(/^events:PutTargets /),
      'iam:PassRole <JobsRole>',
      'lambda:InvokeFunction <Evaluate>',
      'lambda:InvokeFunction <Release>',
      'lambda:InvokeFunction <Tasks>',
      ...['AddTags', 'CreateTrainingJob', 'DescribeTrainingJob', 'ListTags', 'StopTrainingJob'].map((action) =>
        expect.stringMatching(new RegExp(`^sagemaker:${action} arn:.*:training-job/millrace-\\*$`)),
      ),
    ]);
    const pass = Object.values(resources)
      .filter(({ Type }) => Type === 'AWS::IAM::Policy')
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement)
      .find(({ Action }) => Action === 'iam:PassRole');
    expect(pass?.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } });
  });

  test('trains by SageMaker on AWS, and by its stand-in in the local cloud only', () => {
    const machine = Object.values(resources).find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');
    expect(machine?.Properties['DefinitionSubstitutions']).toMatchObject({
      TrainResource: {
        'Fn::If': [
          'OnLocal',
          { 'Fn::GetAtt': [expect.stringMatching(/^JobsStandIn/), 'Arn'] },
          'arn:aws:states:::sagemaker:createTrainingJob.sync',
        ],
      },
    });
    const local = Object.entries(resources).filter(([, { Condition }]) => Condition === 'OnLocal');
    expect(local.map(([id, { Type }]) => [id.replace(/[0-9A-F]{8}$/, ''), Type]).sort()).toEqual([
      ['JobsStandIn', 'AWS::Lambda::Function'],
      ['JobsStandInLogs', 'AWS::Logs::LogGroup'],
      ['JobsStandInRole', 'AWS::IAM::Role'],
      ['JobsStandInRoleDefaultPolicy', 'AWS::IAM::Policy'],
    ]);
  });

  test('hears retraining requests, and keeps what it cannot start with an alarm', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['millrace.monitoring'], 'detail-type': ['RetrainingRequested'] },
      Targets: [Match.objectLike({ DeadLetterConfig: { Arn: Match.anyValue() }, RetryPolicy: Match.anyValue() })],
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'millrace/prod/lineage/dead-letters/unstarted-trainings',
    });
  });

  test('hears of versions made with a client, reads their files, and starts nothing else', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['millrace.registry', 'millrace.training'],
        'detail-type': ['ModelVersionRegistered', 'CandidateChosen', 'SpecApplied'],
      },
      Targets: [Match.objectLike({ DeadLetterConfig: { Arn: Match.anyValue() }, RetryPolicy: Match.anyValue() })],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'millrace/prod/lineage/dead-letters/unadopted-candidates',
    });
    const rights = rightsOf('CandidatesAdoptCandidates');
    expect(rights.filter((right) => right.startsWith('s3:'))).toEqual([
      's3:GetObject <Artifacts>/*/mlflow/*',
      's3:ListBucket <Artifacts>',
    ]);
    expect(rights.filter((right) => right.startsWith('states:')).map((right) => right.split(' ')[0])).toEqual([
      'states:DescribeExecution',
      'states:StartExecution',
    ]);
  });

  test('says when a training failed', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'millrace/prod/training/failed',
      Namespace: 'AWS/States',
      MetricName: 'ExecutionsFailed',
      Dimensions: [{ Name: 'StateMachineArn', Value: Match.anyValue() }],
      TreatMissingData: 'notBreaching',
    });
  });

  test('steps have more time than the functions behind them', () => {
    const timeouts = Object.values(resources)
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => [Properties['FunctionName'], Properties['Timeout']]);
    expect(Object.fromEntries(timeouts)).toMatchObject({
      'millrace-prod-training-tasks': 300,
      'millrace-prod-training-evaluate': 300,
      'millrace-prod-training-release': 50,
    });
  });
});
