/** CloudWatch's notification of an alarm, as SNS carries it (CloudWatch user guide, "Notifying users on alarm changes"). */
export function anAlarmMessage(given: Record<string, unknown> = {}): string {
  return JSON.stringify({
    AlarmName: 'millrace/test/monitoring/drift/rain',
    AlarmDescription: '[ticket] what endpoint rain is asked differs. Runbook: docs/runbook.md#monitoring-drift',
    AWSAccountId: '123456789012',
    NewStateValue: 'ALARM',
    NewStateReason: 'Threshold Crossed: 1 datapoint [0.91] was greater than or equal to the threshold (0.2).',
    StateChangeTime: '2026-11-21T04:14:14.123+0000',
    Region: 'US East (N. Virginia)',
    OldStateValue: 'OK',
    Trigger: { MetricName: 'rain-drift', Namespace: 'Millrace/test', Threshold: 0.2 },
    ...given,
  });
}
