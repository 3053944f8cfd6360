/** Why one metric of an autoscaler gives no number of replicas, in upstream's words. */

export class MetricFailure extends Error {
  override name = 'MetricFailure';
  /** Of the event and of the condition ScalingActive. */
  readonly reason: string;
  /** The text of the event. */
  readonly text: string;

  /** `message`: as the failure of all metrics repeats it. */
  constructor(reason: string, text: string, message: string) {
    super(message);
    this.reason = reason;
    this.text = text;
  }
}
