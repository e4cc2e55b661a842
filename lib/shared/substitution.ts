import type { PolicyStatementProps, Role } from 'aws-cdk-lib/aws-iam';
import type { PlatformFunction } from './platform-function.ts';

/** What takes a placeholder's place, and the permission that the machine's role needs for it. */
export interface Substitution {
  readonly text: string;
  readonly statements: readonly PolicyStatementProps[];
}

/** The only ways to fill a placeholder: none can be written without its permission. */
export const Sub = {
  invoke: (fn: PlatformFunction): Substitution => ({
    text: fn.arn,
    statements: [{ actions: ['lambda:InvokeFunction'], resources: [fn.arn] }],
  }),
  startExecution: (machine: { readonly arn: string }): Substitution => ({
    text: machine.arn,
    statements: [{ actions: ['states:StartExecution'], resources: [machine.arn] }],
  }),
  /**
   * The resource of a training task: `createTrainingJob.sync`, with what Step Functions documents for it.
   * `text` may differ by platform (the local stand-in), the permission does not.
   */
  sagemakerTraining: (role: Role, text: string, jobs: string, eventRule: string): Substitution => ({
    text,
    statements: [
      {
        actions: [
          'sagemaker:CreateTrainingJob',
          'sagemaker:DescribeTrainingJob',
          'sagemaker:StopTrainingJob',
          'sagemaker:AddTags',
          'sagemaker:ListTags',
        ],
        resources: [jobs],
      },
      {
        actions: ['iam:PassRole'],
        resources: [role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      },
      { actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], resources: [eventRule] },
    ],
  }),
  /** The resource of a Spark task, with what Step Functions documents for `startJobRun.sync`. */
  emrServerless: (role: Role, application: string, eventRule: string): Substitution => ({
    text: 'arn:aws:states:::emr-serverless:startJobRun.sync',
    statements: [
      { actions: ['emr-serverless:StartJobRun'], resources: [application] },
      {
        actions: ['emr-serverless:GetJobRun', 'emr-serverless:CancelJobRun'],
        resources: [`${application}/jobruns/*`],
      },
      {
        actions: ['iam:PassRole'],
        resources: [role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'emr-serverless.amazonaws.com' } },
      },
      { actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], resources: [eventRule] },
    ],
  }),
  /** The resource of a task that makes a labelling job; the service takes its role from the request. */
  createLabelingJob: (role: Role, jobs: string): Substitution => ({
    text: 'arn:aws:states:::aws-sdk:sagemaker:createLabelingJob',
    statements: [
      { actions: ['sagemaker:CreateLabelingJob', 'sagemaker:AddTags'], resources: [jobs] },
      {
        actions: ['iam:PassRole'],
        resources: [role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      },
    ],
  }),
  describeLabelingJob: (jobs: string): Substitution => ({
    text: 'arn:aws:states:::aws-sdk:sagemaker:describeLabelingJob',
    statements: [{ actions: ['sagemaker:DescribeLabelingJob'], resources: [jobs] }],
  }),
  text: (text: string): Substitution => ({ text, statements: [] }),
};
