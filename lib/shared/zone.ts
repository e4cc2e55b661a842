import { Duration } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { allow } from './allow.ts';
import type { PlatformFunction } from './platform-function.ts';
import { PlatformStack } from './platform-stack.ts';

export interface ZoneProps {
  /** The bucket is named `millrace-<stage>-<zone>-<account>-<region>`. */
  readonly zone: string;
  /** Where its access log goes. @default no log: only the log bucket itself has none */
  readonly accessLogs?: IBucket;
  /** Whether new objects are told to EventBridge. @default false */
  readonly events?: boolean;
  /** Days after which an object's replaced versions go. @default 90 */
  readonly keepOldVersionsDays?: number;
  /** Days after which objects go. @default never */
  readonly expireDays?: number;
  /** Whether its writers give it their objects by access control lists, as CloudFront does its logs. @default false */
  readonly takesLists?: boolean;
  /** Days after which objects below a prefix go, by that prefix. @default none */
  readonly expirePrefixes?: Readonly<Record<string, number>>;
}

/** A zone: private, versioned, encrypted, TLS only, logged. */
export class Zone extends Construct {
  readonly resource: Bucket;

  constructor(scope: Construct, id: string, props: ZoneProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    this.resource = new Bucket(this, 'Resource', {
      bucketName: `millrace-${stack.stage.name}-${props.zone}-${stack.account}-${stack.region}`,
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: props.takesLists
        ? ObjectOwnership.BUCKET_OWNER_PREFERRED
        : ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: stack.removal,
      lifecycleRules: [
        {
          id: 'housekeeping',
          abortIncompleteMultipartUploadAfter: Duration.days(7),
          noncurrentVersionExpiration: Duration.days(props.keepOldVersionsDays ?? 90),
          expiration: props.expireDays === undefined ? undefined : Duration.days(props.expireDays),
        },
        ...Object.entries(props.expirePrefixes ?? {}).map(([prefix, days]) => ({
          id: `expire-${prefix}`,
          prefix,
          expiration: Duration.days(days),
          noncurrentVersionExpiration: Duration.days(1),
        })),
      ],
    });
    const bucket = this.resource.node.defaultChild as CfnBucket;
    if (props.accessLogs) {
      bucket.loggingConfiguration = {
        destinationBucketName: props.accessLogs.bucketName,
        logFilePrefix: `${props.zone}/`,
      };
    }
    // Stated on the resource: the construct's own way is a custom resource.
    if (props.events) bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  }

  get name(): string {
    return this.resource.bucketName;
  }
  get arn(): string {
    return this.resource.bucketArn;
  }

  /** Reading objects, and telling a missing one from a forbidden one (which takes ListBucket). */
  allowRead(fn: PlatformFunction, pattern = '*'): void {
    allow(fn, ['s3:GetObject'], `${this.arn}/${pattern}`);
    allow(fn, ['s3:ListBucket'], this.arn);
  }
  allowWrite(fn: PlatformFunction, pattern = '*'): void {
    allow(fn, ['s3:PutObject'], `${this.arn}/${pattern}`);
  }
}
