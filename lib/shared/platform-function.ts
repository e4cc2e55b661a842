import { Duration, Size } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type CfnFunction, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type * as z from 'zod';
import { allow } from './allow.ts';
import { bundleCode, HOST_TARGET, LAMBDA_TARGET, type NativeLibrary, type ShippedFiles } from './bundle-code.ts';
import { PlatformStack } from './platform-stack.ts';

export interface PlatformFunctionProps<Env extends z.ZodObject> {
  /** `<domain>/<unit>`: the file `lambdas/<domain>/handlers/<unit>.ts`. */
  readonly handler: string;
  /** The contract's environment schema; `variables` has one value for each of its keys. */
  readonly env: Env;
  readonly variables: { readonly [Key in keyof z.input<Env>]: string };
  /** @default 512 MiB */
  readonly memory?: Size;
  /** @default 20 seconds, below the 29 that API Gateway waits */
  readonly timeout?: Duration;
  /** Libraries shipped beside the bundle. @default none */
  readonly native?: readonly NativeLibrary[];
  /** Files shipped beside the bundle. @default none */
  readonly files?: readonly ShippedFiles[];
  /** @default `millrace-<stage>-<domain>-<unit>` */
  readonly functionName?: string;
  /** Most executions at one time; where writers of one record must be few. @default the account's */
  readonly reservedConcurrency?: number;
}

/**
 * A Lambda function of the platform. It alone chooses runtime, architecture, tracing, log group and bundling.
 * The role may write the function's own log group and traces; everything else is stated with `allow`.
 */
export class PlatformFunction<Env extends z.ZodObject = z.ZodObject> extends Construct {
  readonly resource: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: PlatformFunctionProps<Env>) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    const { stage } = stack;
    const [domain, unit] = props.handler.split('/');
    const name = props.functionName ?? `millrace-${stage.name}-${domain}-${unit}`;
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/millrace/${stage.name}/${name.replace(`millrace-${stage.name}-`, '')}`,
      retention: stage.logRetentionDays as RetentionDays,
      removalPolicy: stack.removal,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.resource = new LambdaFunction(this, 'Resource', {
      functionName: name,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.X86_64,
      handler: 'index.handler',
      code: bundleCode(
        props.handler,
        props.native ?? [],
        stage.name === 'local' ? HOST_TARGET : LAMBDA_TARGET,
        props.files,
      ),
      role: this.role,
      logGroup: this.logGroup,
      memorySize: (props.memory ?? Size.mebibytes(512)).toMebibytes(),
      timeout: props.timeout ?? Duration.seconds(20),
      tracing: Tracing.DISABLED,
      environment: { ...props.variables },
      reservedConcurrentExecutions: props.reservedConcurrency,
    });
    // Stated on the resource: the construct's own `tracing` would add a wildcard statement of unknown size to the role.
    (this.resource.node.defaultChild as CfnFunction).tracingConfig = { mode: 'Active' };
    this.role.addToPolicy(
      new PolicyStatement({ actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] }),
    );
    allow(this, ['logs:CreateLogStream', 'logs:PutLogEvents'], this.logGroup.logGroupArn);
  }

  get name(): string {
    return this.resource.functionName;
  }
  get arn(): string {
    return this.resource.functionArn;
  }
}
