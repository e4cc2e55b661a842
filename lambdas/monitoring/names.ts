/** The names that metrics and alarms have on both sides: the templates make them, the functions use them. */

/** One metric name for each endpoint: the largest population stability index of a check. */
export const driftMetric = (endpoint: string): string => `${endpoint}-drift`;

/** The alarm's name behind `millrace/<stage>/`. */
export const driftAlarm = (endpoint: string): string => `monitoring/drift/${endpoint}`;

/** The alarm's full name, as CloudWatch lists it. */
export const driftAlarmName = (stage: string, endpoint: string): string => `millrace/${stage}/${driftAlarm(endpoint)}`;
