import { type App, Fn } from 'aws-cdk-lib';
import type { DataStack } from '../data/data-stack.ts';
import type { GatewayStack } from '../gateway/gateway-stack.ts';
import type { LineageStack } from '../lineage/lineage-stack.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Stage } from '../shared/stage.ts';
import { publishUrls, type StageUrls } from '../shared/stage-urls.ts';
import { Zone } from '../shared/zone.ts';
import { openToEdge } from './edge-access.ts';
import { EdgeDistribution } from './edge-distribution.ts';
import { TokenPublication } from './token-publication.ts';

/** As long as somebody looks into what happened at the edge. */
const LOG_DAYS = 90;

export interface EdgeStackProps {
  readonly lineage: Pick<LineageStack, 'alarmTopic'>;
  readonly data: Pick<DataStack, 'artifacts'>;
  readonly gateway: Pick<GatewayStack, 'control' | 'urls' | 'tokens'>;
}

/**
 * CloudFront in front of the tracking API: one origin for clients and UI, and artifacts of any size straight to and
 * from S3. Opt-in, on AWS only; on the local cloud bin/local/edge-server.ts stands in for it. Idle it costs nothing.
 */
export class EdgeStack extends PlatformStack {
  /** The stage's, in which the tracking URI is the edge's root. */
  readonly urls: StageUrls;

  constructor(app: App, stage: Stage, { lineage, data, gateway }: EdgeStackProps) {
    super(app, 'edge', stage);
    if (stage.name === 'local')
      throw new Error('stages.local.edge: got one, the local cloud has a stand-in for the edge by itself');
    if (stage.trackingIam)
      throw new Error(
        `stages.${stage.name}.edge: got one beside trackingIam, a signature is not good for another host`,
      );
    openToEdge(data.artifacts, this);
    const publication = new TokenPublication(this, 'Tokens', {
      tokens: gateway.tokens,
      topic: lineage.alarmTopic.resource,
    });
    const distribution = new EdgeDistribution(this, 'Distribution', {
      api: gateway.control,
      artifacts: data.artifacts,
      keys: publication.keys,
      domain: stage.edge,
      logs: new Zone(this, 'AccessLogs', { zone: 'edge-logs', takesLists: true, expireDays: LOG_DAYS }),
    });
    this.urls = { ...gateway.urls, tracking: Fn.join('', ['https://', distribution.domainName]) };
    publishUrls(this, this.urls);
  }
}
