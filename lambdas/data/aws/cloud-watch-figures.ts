import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { SharedErrors } from '../../shared/errors.ts';
import type { PublishFigures } from '../dataset-watch.ts';

/** PutMetricData takes so many at once (CloudWatch API reference). */
const AT_ONCE = 1000;

export function cloudWatchFigures(namespace: string, client = new CloudWatchClient({})): PublishFigures {
  return async (figures) => {
    const Timestamp = new Date();
    const data = Object.entries(figures).map(([MetricName, Value]) => ({
      MetricName,
      Value,
      Unit: 'Count' as const,
      Timestamp,
    }));
    for (let at = 0; at < data.length; at += AT_ONCE) {
      const MetricData = data.slice(at, at + AT_ONCE);
      await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData })).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.name : String(cause);
        throw SharedErrors.ServiceUnavailable(`${MetricData.length} metrics: CloudWatch answered ${reason}`, { cause });
      });
    }
  };
}
