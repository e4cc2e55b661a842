import type { StackTemplate, TemplateResource } from './assembly.ts';
import { LocalErrors } from './errors.ts';

/** A logical id of the same template. */
type LogicalId = string;

/** One thing that the emulator leaves out of what a template says, and that an AWS call puts right. */
export type Fix =
  | { fix: 'timeToLive'; table: LogicalId; attribute: string }
  | { fix: 'reservedConcurrency'; function: LogicalId; executions: number }
  /** The emulator speaks http and obeys statements that deny it: the bucket's policy is kept without those. */
  | { fix: 'plainHttp'; bucket: LogicalId }
  | { fix: 'requestValidator'; api: LogicalId; name: string; body: boolean; parameters: boolean; methods: MethodRef[] };

/** A method of a REST API; `root` is the resource that the API itself brings. */
export interface MethodRef {
  resource: LogicalId | { root: LogicalId };
  httpMethod: string;
}

/** What has to be put right after a deployment of this template. Every value comes from the template. */
export function planFixUp({ stackName, resources }: StackTemplate): Fix[] {
  const at = (id: LogicalId) => `${stackName}.${id}`;
  return Object.entries(resources).flatMap(([id, { Type, Properties = {} }]): Fix[] => {
    switch (Type) {
      case 'AWS::DynamoDB::Table': {
        const ttl = Properties['TimeToLiveSpecification'] as { AttributeName: string; Enabled: boolean } | undefined;
        return ttl?.Enabled ? [{ fix: 'timeToLive', table: id, attribute: ttl.AttributeName }] : [];
      }
      case 'AWS::Lambda::Function': {
        const reserved = Properties['ReservedConcurrentExecutions'];
        if (reserved === undefined) return [];
        return [{ fix: 'reservedConcurrency', function: id, executions: plainNumber(reserved, at(id)) }];
      }
      case 'AWS::S3::BucketPolicy':
        return [{ fix: 'plainHttp', bucket: referenced(Properties['Bucket'], at(id)) }];
      case 'AWS::ApiGateway::RequestValidator': {
        const methods = methodsOf(resources, id, at);
        if (methods.length === 0) return [];
        return [
          {
            fix: 'requestValidator',
            api: referenced(Properties['RestApiId'], at(id)),
            name: String(Properties['Name'] ?? id),
            body: Properties['ValidateRequestBody'] === true,
            parameters: Properties['ValidateRequestParameters'] === true,
            methods,
          },
        ];
      }
      default:
        return [];
    }
  });
}

function methodsOf(resources: Record<LogicalId, TemplateResource>, validator: LogicalId, at: (id: string) => string) {
  return Object.entries(resources).flatMap(([id, { Type, Properties = {} }]): MethodRef[] => {
    if (Type !== 'AWS::ApiGateway::Method' || reference(Properties['RequestValidatorId']) !== validator) return [];
    const root = (Properties['ResourceId'] as { 'Fn::GetAtt'?: [string, string] } | undefined)?.['Fn::GetAtt']?.[0];
    return [
      {
        resource: root === undefined ? referenced(Properties['ResourceId'], at(id)) : { root },
        httpMethod: String(Properties['HttpMethod']),
      },
    ];
  });
}

const reference = (value: unknown): LogicalId | undefined => (value as { Ref?: string } | undefined)?.Ref;

function referenced(value: unknown, where: string): LogicalId {
  const id = reference(value);
  if (id !== undefined) return id;
  throw LocalErrors.FixUpUnclear(`${where}: got ${JSON.stringify(value)}, the fix-up step reads a Ref only`);
}

function plainNumber(value: unknown, where: string): number {
  if (typeof value === 'number') return value;
  throw LocalErrors.FixUpUnclear(
    `${where}.ReservedConcurrentExecutions: got ${JSON.stringify(value)}, the fix-up step reads a number only`,
  );
}
