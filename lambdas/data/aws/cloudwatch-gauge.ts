import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { SharedErrors } from '../../shared/errors.ts';
import type { PublishGauge } from '../find-features.ts';

/** PutMetricData into one namespace, without dimensions: the metric's name says whose it is. */
export function cloudWatchGauge(namespace: string, client = new CloudWatchClient({})): PublishGauge {
  return async (MetricName, Value) => {
    const datum = { MetricName, Value, Unit: 'None' as const, Timestamp: new Date() };
    try {
      await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: [datum] }));
    } catch (cause) {
      throw SharedErrors.ServiceUnavailable(`metric ${MetricName}: CloudWatch answered ${(cause as Error).name}`, {
        cause,
      });
    }
  };
}
