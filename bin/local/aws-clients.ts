import { createRequire } from 'node:module';
import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SSMClient } from '@aws-sdk/client-ssm';

/** One client a service, made when first asked for. */
export interface AwsClients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;
  readonly logs: CloudWatchLogsClient;
  readonly cloudwatch: CloudWatchClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
  readonly kms: KMSClient;
  readonly events: EventBridgeClient;
  readonly cloudformation: CloudFormationClient;
  readonly apigateway: APIGatewayClient;
  /** Closes the connections of every client that was made. */
  destroy(): void;
}

/** Package and class of each client. */
const CLIENTS = {
  s3: ['@aws-sdk/client-s3', 'S3Client'],
  dynamodb: ['@aws-sdk/client-dynamodb', 'DynamoDBClient'],
  lambda: ['@aws-sdk/client-lambda', 'LambdaClient'],
  sfn: ['@aws-sdk/client-sfn', 'SFNClient'],
  logs: ['@aws-sdk/client-cloudwatch-logs', 'CloudWatchLogsClient'],
  cloudwatch: ['@aws-sdk/client-cloudwatch', 'CloudWatchClient'],
  sns: ['@aws-sdk/client-sns', 'SNSClient'],
  ssm: ['@aws-sdk/client-ssm', 'SSMClient'],
  kms: ['@aws-sdk/client-kms', 'KMSClient'],
  events: ['@aws-sdk/client-eventbridge', 'EventBridgeClient'],
  cloudformation: ['@aws-sdk/client-cloudformation', 'CloudFormationClient'],
  apigateway: ['@aws-sdk/client-api-gateway', 'APIGatewayClient'],
} as const;

/** The credentials that are the local cloud's administrator. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
export const LOCAL_REGION = 'us-east-1';

// Loading all twelve packages takes half a second, which `millrace --help` must not wait for.
const require = createRequire(import.meta.url);

type Client = { destroy(): void };

/**
 * The clients of a local cloud where `endpoint` or `AWS_ENDPOINT_URL` names one; otherwise those of AWS, with the
 * credentials and region of the caller's environment.
 */
export function awsClients(endpoint = process.env['AWS_ENDPOINT_URL']): AwsClients {
  const made = new Map<string, Client>();
  const clients = {
    destroy() {
      for (const client of made.values()) client.destroy();
    },
  };
  for (const [name, [from, type]] of Object.entries(CLIENTS)) {
    Object.defineProperty(clients, name, {
      enumerable: true,
      get() {
        const existing = made.get(name);
        if (existing) return existing;
        const { [type]: Type } = require(from) as Record<string, new (settings: object) => Client>;
        const client = new Type!(endpoint ? localSettings(endpoint) : {});
        made.set(name, client);
        return client;
      },
    });
  }
  return clients as AwsClients;
}

const localSettings = (endpoint: string) => ({
  endpoint,
  region: LOCAL_REGION,
  credentials: LOCAL_CREDENTIALS,
  /** Buckets in the path: `<bucket>.127.0.0.1` is no host name. */
  forcePathStyle: true,
  /** StartSyncExecution would go to `sync-127.0.0.1`. */
  disableHostPrefix: true,
});
