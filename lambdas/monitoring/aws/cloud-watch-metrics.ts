import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { SharedErrors } from '../../shared/errors.ts';
import type { PublishMetric } from '../ports.ts';

/** PutMetricData into one namespace, without dimensions: the metric's name says whose it is. */
export function cloudWatchMetrics(namespace: string, client = new CloudWatchClient({})): PublishMetric {
  return async (name, value) => {
    const datum = { MetricName: name, Value: value, Unit: 'None' as const, Timestamp: new Date() };
    try {
      await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: [datum] }));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.name : String(cause);
      throw SharedErrors.ServiceUnavailable(`metric ${name}: CloudWatch answered ${reason}`, { cause });
    }
  };
}
