/** No number of replicas can be computed from the metric; the message is upstream's, for events and conditions. */

export class MetricError extends Error {
  override name = 'MetricError';
}
