/** The CloudWatch namespace of a stage's own metrics. */
export const metricNamespace = (stage: string): string => `Millrace/${stage}`;
