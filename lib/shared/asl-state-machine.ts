import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { PlatformStack } from './platform-stack.ts';
import type { Substitution } from './substitution.ts';

const ROOT = join(import.meta.dirname, '../../state-machines');

export interface AslStateMachineProps {
  /** `<domain>/<verb-noun>`: the file `state-machines/<domain>/<verb-noun>.asl.json`. */
  readonly file: string;
  /** One for each `${Placeholder}` of the file; a missing or an unused one fails the synth. */
  readonly substitutions: Readonly<Record<string, Substitution>>;
}

/** A Standard state machine from an ASL file whose role is exactly what its substitutions carry. */
export class AslStateMachine extends Construct {
  readonly resource: CfnStateMachine;
  readonly role: Role;

  constructor(scope: Construct, id: string, { file, substitutions }: AslStateMachineProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    const definition = readFileSync(join(ROOT, `${file}.asl.json`), 'utf8');
    checkPlaceholders(file, definition, Object.keys(substitutions));
    checkTimeouts(file, definition);
    const name = `millrace-${stack.stage.name}-${file.replace('/', '-')}`;
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    for (const { statements } of Object.values(substitutions)) {
      for (const statement of statements) this.role.addToPolicy(new PolicyStatement(statement));
    }
    // Vended logs and traces take no resource-level permissions (Step Functions developer guide, "Logging" and "Tracing").
    this.role.addToPolicy(new PolicyStatement({ actions: LOG_DELIVERY, resources: ['*'] }));
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/vendedlogs/states/${name}`,
      retention: stack.stage.logRetentionDays as RetentionDays,
      removalPolicy: stack.removal,
    });
    this.resource = new CfnStateMachine(this, 'Resource', {
      stateMachineName: name,
      stateMachineType: 'STANDARD',
      roleArn: this.role.roleArn,
      definitionString: definition,
      definitionSubstitutions: Object.fromEntries(Object.entries(substitutions).map(([key, { text }]) => [key, text])),
      loggingConfiguration: {
        level: 'ALL',
        // Executions carry names and digests only; still, payloads stay out of the logs.
        includeExecutionData: false,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logs.logGroupArn } }],
      },
      tracingConfiguration: { enabled: true },
    });
    this.resource.node.addDependency(this.role);
  }

  get arn(): string {
    return this.resource.attrArn;
  }
  get name(): string {
    return this.resource.attrName;
  }
  /** ARN pattern of this machine's executions. */
  get executions(): string {
    const stack = PlatformStack.of(this);
    return stack.formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${this.name}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}

const LOG_DELIVERY = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

export function checkPlaceholders(file: string, definition: string, given: readonly string[]): void {
  const wanted = new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name as string));
  const missing = [...wanted].filter((name) => !given.includes(name));
  const unused = given.filter((name) => !wanted.has(name));
  if (missing.length || unused.length) {
    throw new Error(
      `${file}: substitutions lack ${missing.join(', ') || 'nothing'}, and ${unused.join(', ') || 'nothing'} stands in no state`,
    );
  }
}

interface AslState {
  Type: string;
  TimeoutSeconds?: number | string;
  ItemProcessor?: AslDefinition;
  Branches?: AslDefinition[];
}
interface AslDefinition {
  States: Record<string, AslState>;
}

export function checkTimeouts(file: string, definition: string): void {
  const visit = ({ States }: AslDefinition) => {
    for (const [name, state] of Object.entries(States)) {
      if (state.Type === 'Task' && state.TimeoutSeconds === undefined)
        throw new Error(`${file}: task ${name} has no TimeoutSeconds`);
      if (state.ItemProcessor) visit(state.ItemProcessor);
      state.Branches?.forEach(visit);
    }
  };
  visit(JSON.parse(definition) as AslDefinition);
}
