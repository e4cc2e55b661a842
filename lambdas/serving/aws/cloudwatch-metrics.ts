import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { metricNamespace } from '../names.ts';
import type { PublishMetrics } from '../ports.ts';

/** CloudWatch behind the metrics port: names without dimensions in the stage's namespace. */
export function cloudWatchMetrics(stage: string, client = new CloudWatchClient({})): PublishMetrics {
  return async (metrics) => {
    await client.send(
      new PutMetricDataCommand({
        Namespace: metricNamespace(stage),
        MetricData: metrics.map(({ name, value, unit }) => ({ MetricName: name, Value: value, Unit: unit })),
      }),
    );
  };
}
