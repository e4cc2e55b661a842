/** The names that metrics and alarms have on both sides: the templates make them, the functions use them. */

export { metricNamespace } from '../shared/metric-namespace.ts';

/** What is measured of an endpoint: counts, milliseconds, refusals of its bundle. */
export const ENDPOINT_METRICS = ['requests', 'errors', 'latency-p99', 'bundle-refused'] as const;
export type EndpointMetric = (typeof ENDPOINT_METRICS)[number];

/** One metric name for each endpoint, without dimensions. */
export const endpointMetric = (endpoint: string, metric: EndpointMetric): string => `${endpoint}-${metric}`;

/** The alarm's name behind `millrace/<stage>/`. */
export const endpointAlarm = (what: 'errors' | 'crashes' | 'bundle-refused', endpoint: string): string =>
  `serving/${what}/${endpoint}`;

/** The alias that apps are served through; only rollouts move it. */
export const LIVE_ALIAS = 'live';
