/**
 * What a month costs in which nobody does anything, from synthesized templates alone: list prices of us-east-1 in
 * November 2026 without any free tier. A type that is not known here has no price, and fails.
 */

/** A synthesized template, as far as prices read it. */
export interface PricedTemplate {
  Resources: Record<string, { Type: string; Condition?: string; Properties?: unknown }>;
}

export interface IdleItem {
  what: string;
  count: number;
  /** US dollars a month for all of them. */
  usd: number;
}

export interface IdleCost {
  items: IdleItem[];
  usd: number;
}

const HOURS = 730;
const MINUTES = HOURS * 60;

const PRICE = {
  kmsKey: 1,
  alarm: 0.1,
  /** An alarm that looks more often than once a minute. */
  fastAlarm: 0.3,
  /** Step Functions, Standard: each state that runs. */
  transition: 0.000025,
  lambdaCall: 0.0000002,
  lambdaGbSecond: 0.0000166667,
  trace: 0.000005,
  logGb: 0.5,
  sqsCall: 0.0000004,
  /** An hour of a stream on demand, and of one provisioned shard. */
  streamHour: 0.04,
  shardHour: 0.015,
};

/** What one idle execution is taken for: a second of half a GiB for each call, one trace, and 5 kB of logs. */
const CALL_GB_SECONDS = 0.5;
const EXECUTION_LOG_GB = 0.000005;
/** Lambda polls an empty queue with five long polls of 20 s at a time (Lambda developer guide, "Amazon SQS"). */
const QUEUE_POLLS = (MINUTES * 60 * 5) / 20;

type Properties = Record<string, unknown>;
interface Part {
  id: string;
  properties: Properties;
  template: PricedTemplate;
}
type Price = (part: Part) => Omit<IdleItem, 'count'>[];

const nothing: Price = () => [];

/** Priced by use alone, unless one property says otherwise. */
const unless =
  (hourly: (properties: Properties) => boolean, why: string): Price =>
  ({ id, properties }) => {
    if (hourly(properties)) throw new Error(`${id}: ${why}, which is billed by the hour`);
    return [];
  };

const PRICES: Readonly<Record<string, Price>> = {
  'AWS::KMS::Key': () => [{ what: 'KMS keys', usd: PRICE.kmsKey }],
  'AWS::CloudWatch::Alarm': ({ properties }) => [
    Number(properties['Period'] ?? 60) < 60
      ? { what: 'alarms, high resolution', usd: PRICE.fastAlarm }
      : { what: 'alarms', usd: PRICE.alarm },
  ],
  'AWS::Events::Rule': scheduleCost,
  'AWS::Lambda::EventSourceMapping': ({ properties }) =>
    /:sqs:|Queue/.test(JSON.stringify(properties['EventSourceArn']))
      ? [{ what: 'polls of empty queues', usd: QUEUE_POLLS * PRICE.sqsCall }]
      : [],
  'AWS::DynamoDB::Table': unless(({ BillingMode }) => BillingMode !== 'PAY_PER_REQUEST', 'has provisioned capacity'),
  'AWS::ApiGateway::Stage': unless(({ CacheClusterEnabled }) => CacheClusterEnabled === true, 'has a cache'),
  // Billed by the hour, on demand too, so no stage has one that does not ask for it.
  'AWS::Kinesis::Stream': ({ properties: { StreamModeDetails: mode, ShardCount: shards } }) => {
    const onDemand = (mode as { StreamMode?: string } | undefined)?.StreamMode === 'ON_DEMAND';
    const hour = onDemand ? PRICE.streamHour : Number(shards ?? 1) * PRICE.shardHour;
    return [{ what: 'Kinesis streams', usd: HOURS * hour }];
  },
  // Workers that wait are billed; without any, and with its own stop, an application costs while jobs run.
  'AWS::EMRServerless::Application': unless(
    ({ InitialCapacity, AutoStopConfiguration }) =>
      InitialCapacity !== undefined || (AutoStopConfiguration as { Enabled?: boolean } | undefined)?.Enabled !== true,
    'keeps workers',
  ),
  // A domain, its people and their spaces cost storage; an app is an instance by the hour, so that no template has one.
  'AWS::SageMaker::Domain': unless((domain) => !stopsIdleNotebooks(domain), 'lets idle notebooks run'),
  'AWS::SageMaker::Space': nothing,
  'AWS::SageMaker::StudioLifecycleConfig': nothing,
  'AWS::SageMaker::UserProfile': nothing,
  'AWS::Lambda::Function': nothing,
  'AWS::Lambda::Alias': unless((alias) => 'ProvisionedConcurrencyConfig' in alias, 'has provisioned concurrency'),
  'AWS::Lambda::Version': unless((version) => 'ProvisionedConcurrencyConfig' in version, 'has provisioned concurrency'),
  // A workgroup is priced by what its queries scan.
  'AWS::Athena::WorkGroup': nothing,
  'AWS::ApiGateway::Account': nothing,
  'AWS::ApiGateway::Authorizer': nothing,
  'AWS::ApiGateway::Deployment': nothing,
  'AWS::ApiGateway::GatewayResponse': nothing,
  'AWS::ApiGateway::Method': nothing,
  'AWS::ApiGateway::Resource': nothing,
  'AWS::ApiGateway::RestApi': nothing,
  'AWS::CDK::Metadata': nothing,
  // CloudFront is priced by requests and bytes, its functions by calls, its key-value store by reads and writes.
  'AWS::CloudFront::Distribution': nothing,
  'AWS::CloudFront::Function': nothing,
  'AWS::CloudFront::KeyValueStore': nothing,
  'AWS::CloudFront::OriginAccessControl': nothing,
  'AWS::CloudFront::ResponseHeadersPolicy': nothing,
  'AWS::Events::EventBus': nothing,
  'AWS::Events::EventBusPolicy': nothing,
  'AWS::IAM::ManagedPolicy': nothing,
  'AWS::IAM::Policy': nothing,
  'AWS::IAM::Role': nothing,
  'AWS::KMS::Alias': nothing,
  'AWS::Lambda::EventInvokeConfig': nothing,
  'AWS::Lambda::Permission': nothing,
  'AWS::Logs::LogGroup': nothing,
  'AWS::Logs::SubscriptionFilter': nothing,
  'AWS::S3::Bucket': nothing,
  'AWS::S3::BucketPolicy': nothing,
  'AWS::SNS::Subscription': nothing,
  'AWS::SNS::Topic': nothing,
  'AWS::SNS::TopicPolicy': nothing,
  'AWS::SQS::Queue': nothing,
  'AWS::SQS::QueuePolicy': nothing,
  'AWS::SSM::Parameter': unless(({ Tier }) => Tier === 'Advanced', 'is an advanced parameter'),
  'AWS::StepFunctions::StateMachine': nothing,
};

function stopsIdleNotebooks(domain: Properties): boolean {
  const { DefaultUserSettings: user } = domain as {
    DefaultUserSettings?: {
      JupyterLabAppSettings?: { AppLifecycleManagement?: { IdleSettings?: { LifecycleManagement?: string } } };
    };
  };
  return user?.JupyterLabAppSettings?.AppLifecycleManagement?.IdleSettings?.LifecycleManagement === 'ENABLED';
}

/** @throws Error for a type without a price, and for a property that is billed by the hour */
export function idleCost(templates: readonly PricedTemplate[]): IdleCost {
  const items = new Map<string, IdleItem>();
  for (const template of templates) {
    for (const [id, { Type, Condition, Properties }] of Object.entries(template.Resources)) {
      // What only the local cloud gets is never billed.
      if (Condition === 'OnLocal') continue;
      const price = PRICES[Type];
      if (!price) throw new Error(`${id}: got ${Type}, lib/shared/idle-cost.ts knows no price for it`);
      for (const { what, usd } of price({ id, properties: (Properties ?? {}) as Properties, template })) {
        const item = items.get(what) ?? { what, count: 0, usd: 0 };
        items.set(what, { what, count: item.count + 1, usd: item.usd + usd });
      }
    }
  }
  const listed = [...items.values()].sort((a, b) => b.usd - a.usd);
  return { items: listed, usd: listed.reduce((sum, { usd }) => sum + usd, 0) };
}

/** A rule costs nothing, but what it starts does: the longest way through the machine that finds nothing to do. */
function scheduleCost({ id, properties, template }: Part): Omit<IdleItem, 'count'>[] {
  const expression = properties['ScheduleExpression'];
  if (expression === undefined) return [];
  const runs = MINUTES / minutesBetween(id, String(expression));
  return ((properties['Targets'] ?? []) as { Arn: unknown }[]).flatMap(({ Arn }) => {
    const name = logicalId(Arn);
    const target = name === undefined ? undefined : template.Resources[name];
    if (target?.Type !== 'AWS::StepFunctions::StateMachine')
      throw new Error(`${id}: starts ${JSON.stringify(Arn)}, expected a state machine of its own stack`);
    const { DefinitionString } = target.Properties as { DefinitionString: string };
    const { transitions, calls } = idlePath(JSON.parse(DefinitionString) as Machine);
    const perCall = PRICE.lambdaCall + CALL_GB_SECONDS * PRICE.lambdaGbSecond;
    return [
      { what: `scheduled executions (${Math.round(runs)} a month)`, usd: runs * transitions * PRICE.transition },
      {
        what: 'function calls, traces and logs of those',
        usd: runs * (calls * perCall + PRICE.trace + EXECUTION_LOG_GB * PRICE.logGb),
      },
    ];
  });
}

function minutesBetween(id: string, expression: string): number {
  const [, n, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (!n || !unit) throw new Error(`${id}: got the schedule ${expression}, expected rate(…)`);
  return Number(n) * { minute: 1, hour: 60, day: 1440 }[unit as 'minute' | 'hour' | 'day'];
}

const logicalId = (arn: unknown): string | undefined => {
  const { Ref, 'Fn::GetAtt': attribute } = (arn ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0];
};

interface State {
  Type: string;
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
}
interface Machine {
  StartAt: string;
  States: Record<string, State>;
}

/** States that run when nothing fails and every Map has no items, on the longest way; starting counts as one. */
function idlePath({ StartAt, States }: Machine): { transitions: number; calls: number } {
  const longest = (name: string, seen: ReadonlySet<string>): { transitions: number; calls: number } => {
    const state = States[name];
    if (!state || seen.has(name)) return { transitions: 0, calls: 0 };
    const inside = new Set([...seen, name]);
    const next = [state.Next, state.Default, ...(state.Choices ?? []).map(({ Next }) => Next)];
    const ways = next.filter((each) => each !== undefined).map((each) => longest(each, inside));
    const rest = ways.sort((a, b) => b.transitions - a.transitions)[0] ?? { transitions: 0, calls: 0 };
    return { transitions: rest.transitions + 1, calls: rest.calls + (state.Type === 'Task' ? 1 : 0) };
  };
  const { transitions, calls } = longest(StartAt, new Set());
  return { transitions: transitions + 1, calls };
}
