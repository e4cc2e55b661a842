import { Aws, Fn } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  GatewayResponse,
  type IAuthorizer,
  Integration,
  IntegrationType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  PassthroughBehavior,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { PlatformStack } from '../shared/platform-stack.ts';

/** The body of an error that API Gateway itself answers, in the API's own protocol. `code` is MLflow's error code. */
export type GatewayErrorBody = (code: string, name: string, message: string) => Record<string, string>;

/** What a method asks for: an API token, which the authorizer looks up, or a signature that AWS itself checks. */
export type Credential = 'token' | 'iam';

export interface FrontDoorProps {
  readonly name: 'control' | 'inference';
  readonly errorBody: GatewayErrorBody;
  readonly authorizer: (api: RestApi) => IAuthorizer;
  /**
   * Whether a mount takes signatures. API Gateway answers alike where there is no route and where a signature is
   * missing, so the answer has to name both. @default false
   */
  readonly takesSignatures?: boolean;
  /** Whether bodies of every type pass as the bytes that they are. @default false: as text */
  readonly bytes?: boolean;
}

const OR_UNSIGNED = ', or it asks for an AWS signature and the request has none';

const OWN_ANSWERS: readonly [ResponseType, string, string, string, string][] = [
  [
    ResponseType.UNAUTHORIZED,
    '401',
    'UNAUTHENTICATED',
    'TokenMissing',
    'the request carries no API token that is known here',
  ],
  [
    ResponseType.INVALID_SIGNATURE,
    '401',
    'UNAUTHENTICATED',
    'TokenMissing',
    'the AWS signature of the request does not hold',
  ],
  [
    ResponseType.EXPIRED_TOKEN,
    '401',
    'UNAUTHENTICATED',
    'TokenExpired',
    'the AWS credentials that signed the request have expired',
  ],
  [ResponseType.ACCESS_DENIED, '403', 'PERMISSION_DENIED', 'RoleMissing', 'the caller may not do this'],
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, '404', 'ENDPOINT_NOT_FOUND', 'RouteMissing', 'there is no such route'],
  [
    ResponseType.THROTTLED,
    '429',
    'REQUEST_LIMIT_EXCEEDED',
    'ServiceThrottled',
    'too many requests, try again with backoff',
  ],
  [
    ResponseType.REQUEST_TOO_LARGE,
    '413',
    'INVALID_PARAMETER_VALUE',
    'BodyTooLarge',
    'the body is larger than the API takes',
  ],
  [
    ResponseType.INTEGRATION_TIMEOUT,
    '504',
    'TEMPORARILY_UNAVAILABLE',
    'ServiceUnavailable',
    'no answer in time, try again',
  ],
  [ResponseType.DEFAULT_5XX, '500', 'INTERNAL_ERROR', 'Unexpected', 'something went wrong here'],
];

/** What a client of MLflow can do with a file that the API does not take. */
const LARGE_ARTIFACTS =
  ', which is 4.5 MB: artifacts of any size go through the edge, or in parts to S3 (MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true)';

/** One REST API: stage throttle, access log, its own words for its own errors; functions are mounted behind the authorizer. */
export class FrontDoor extends Construct {
  readonly resource: RestApi;
  private readonly authorizer: IAuthorizer;

  constructor(scope: Construct, id: string, { name, errorBody, authorizer, bytes, takesSignatures }: FrontDoorProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    const { stage } = stack;
    const log = new LogGroup(this, 'AccessLog', {
      logGroupName: `/millrace/${stage.name}/access/${name}`,
      retention: stage.logRetentionDays as RetentionDays,
      removalPolicy: stack.removal,
    });
    this.resource = new RestApi(this, 'Resource', {
      restApiName: `millrace-${stage.name}-${name}`,
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      binaryMediaTypes: bytes ? ['*/*'] : undefined,
      deployOptions: {
        stageName: 'v1',
        throttlingRateLimit: stage.throttle.rate,
        throttlingBurstLimit: stage.throttle.burst,
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        tracingEnabled: true,
        // By which the authorizer that both APIs share knows whose request it has.
        variables: { api: name },
        accessLogDestination: new LogGroupLogDestination(log),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields({
          caller: false,
          user: false,
          ip: false,
          httpMethod: true,
          protocol: true,
          requestTime: true,
          resourcePath: true,
          responseLength: true,
          status: true,
        }),
      },
    });
    this.authorizer = authorizer(this.resource);
    const hints: Record<string, string> = {
      ...(bytes && { BodyTooLarge: LARGE_ARTIFACTS }),
      ...(takesSignatures && { RouteMissing: OR_UNSIGNED }),
    };
    for (const [type, statusCode, code, error, message] of OWN_ANSWERS) {
      new GatewayResponse(this, `Answer${type.responseType}`, {
        restApi: this.resource,
        type,
        statusCode,
        templates: { 'application/json': JSON.stringify(errorBody(code, error, message + (hints[error] ?? ''))) },
      });
    }
  }

  /** Sends `/<path>` and everything below it to a function (or alias) as Lambda proxy requests. */
  mount(path: string, functionArn: string, credential: Credential = 'token'): void {
    this.send([path, `${path}/{proxy+}`], functionArn, credential);
    this.permit(path, functionArn, path);
    this.permit(path, functionArn, `${path}/*`, 'InvokeBelow');
  }

  /** Sends one path to a function, also below another one's mount: the more specific resource and method win. */
  mountAt(path: string, functionArn: string, method: 'ANY' | 'GET' = 'ANY'): void {
    this.send([path], functionArn, 'token', method);
    this.permit(path, functionArn, path, method === 'ANY' ? 'Invoke' : 'InvokeGet', method === 'ANY' ? '*' : method);
  }

  private send(paths: readonly string[], functionArn: string, credential: Credential, verb = 'ANY'): void {
    const integration = new Integration({
      type: IntegrationType.AWS_PROXY,
      integrationHttpMethod: 'POST',
      uri: Fn.join('', [
        'arn:',
        Aws.PARTITION,
        ':apigateway:',
        Aws.REGION,
        ':lambda:path/2015-03-31/functions/',
        functionArn,
        '/invocations',
      ]),
      options: { passthroughBehavior: PassthroughBehavior.WHEN_NO_MATCH },
    });
    const method =
      credential === 'iam'
        ? { authorizationType: AuthorizationType.IAM }
        : { authorizer: this.authorizer, authorizationType: AuthorizationType.CUSTOM };
    for (const path of paths) this.resource.root.resourceForPath(path).addMethod(verb, integration, method);
  }

  private permit(path: string, functionArn: string, below: string, id = 'Invoke', method = '*'): void {
    new CfnPermission(this, `${id}-${path.replaceAll('/', '-')}`, {
      action: 'lambda:InvokeFunction',
      functionName: functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn: this.resource.arnForExecuteApi(method, `/${below.replace(/\{[^}]*\}/g, '*')}`, '*'),
    });
  }
}
