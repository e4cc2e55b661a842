import { ArnFormat, type Size } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { ArnPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { CURATED_PARTS, RESULTS_PREFIX } from '../../lambdas/data/contract.ts';
import { allow } from '../shared/allow.ts';
import type { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Zone } from '../shared/zone.ts';
import { glueArn } from './sql-publication.ts';

export interface SqlWorkgroupProps {
  /** Asks on behalf of people. */
  readonly api: PlatformFunction;
  readonly curated: Zone;
  /** Where results go, below `_query-results/`; its own rule lets them expire. */
  readonly results: Zone;
  /** Of one query; Athena ends it there. */
  readonly mostScanned: Size;
}

/** Where SQL runs on AWS, and the role that it runs with. It costs nothing but what queries scan. */
export class SqlWorkgroup extends Construct {
  readonly resource: CfnWorkGroup;
  readonly reader: Role;

  constructor(scope: Construct, id: string, { api, curated, results, mostScanned }: SqlWorkgroupProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    this.resource = new CfnWorkGroup(this, 'Resource', {
      name: workgroupName(stack.stage.name),
      description: 'SQL over dataset versions: what they have to learn from',
      recursiveDeleteOption: stack.stage.disposable,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: false,
        bytesScannedCutoffPerQuery: mostScanned.toBytes(),
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${results.name}/${RESULTS_PREFIX}`,
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
        },
      },
    });
    this.reader = new Role(this, 'Reader', {
      assumedBy: new ArnPrincipal(api.role.roleArn),
      description: 'Reads tables of datasets; every session of it is narrowed to one workspace',
    });
    allow(api, ['sts:AssumeRole'], this.reader.roleArn);
    this.allowReading(curated, results);
  }

  private allowReading(curated: Zone, results: Zone): void {
    const stack = PlatformStack.of(this);
    const to = { role: this.reader };
    const databases = `millrace_${stack.stage.name.replaceAll('-', '_')}__*`;
    const workgroup = stack.formatArn({
      service: 'athena',
      resource: 'workgroup',
      resourceName: workgroupName(stack.stage.name),
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    allow(to, ['athena:StartQueryExecution', 'athena:GetQueryExecution', 'athena:GetQueryResults'], workgroup);
    allow(
      to,
      ['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartitions'],
      glueArn(this, 'catalog'),
      // Athena looks there for what a query does not say (user guide, "Access to databases and tables").
      glueArn(this, 'database', 'default'),
      glueArn(this, 'database', databases),
      glueArn(this, 'table', `${databases}/*`),
    );
    allow(to, ['s3:GetObject'], `${curated.arn}/${CURATED_PARTS.train}`, `${curated.arn}/${CURATED_PARTS.links}`);
    allow(to, ['s3:ListBucket', 's3:GetBucketLocation'], curated.arn, results.arn);
    allow(to, ['s3:GetObject', 's3:PutObject'], `${results.arn}/${RESULTS_PREFIX}*`);
  }
}

export const workgroupName = (stage: string): string => `millrace-${stage}`;
