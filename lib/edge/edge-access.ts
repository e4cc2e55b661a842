import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { PlatformStack } from '../shared/platform-stack.ts';
import type { Zone } from '../shared/zone.ts';

/**
 * Lets CloudFront of this account read and write what MLflow's clients read and write, and nothing else of the zone.
 * The zone is older than the distribution, so that its policy cannot name it; the account's own is what it can say.
 */
export function openToEdge({ resource: bucket }: Zone, stack: PlatformStack): void {
  const principals = [new ServicePrincipal('cloudfront.amazonaws.com')];
  const ours = {
    ArnLike: { 'aws:SourceArn': `arn:${stack.partition}:cloudfront::${stack.account}:distribution/*` },
  };
  const files = [bucket.arnForObjects('*/mlflow/*')];
  const allow = (actions: string[], resources: string[], conditions: object = {}) =>
    bucket.addToResourcePolicy(
      new PolicyStatement({ principals, actions, resources, conditions: { ...ours, ...conditions } }),
    );
  allow(['s3:GetObject'], files);
  // The function at the edge drops this header; were it not to, a copy could carry another workspace's file away.
  allow(['s3:PutObject'], files, { Null: { 's3:x-amz-copy-source': 'true' } });
  // With it a file that is missing is told from one that is forbidden.
  allow(['s3:ListBucket'], [bucket.bucketArn]);
}
