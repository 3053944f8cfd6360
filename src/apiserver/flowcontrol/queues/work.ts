/** The work of a request: the seats it takes while it is answered, and the seats of its watch events afterwards. */

export interface Work {
  readonly initialSeats: number;
  readonly finalSeats: number;
  /** How long the seats stay taken after the answer was sent. */
  readonly additionalLatencyMs: number;
}

export const oneSeat: Work = { initialSeats: 1, finalSeats: 0, additionalLatencyMs: 0 };

/** Seats taken from the start to the end of the additional latency. */
export function seatsMax({ initialSeats, finalSeats }: Work): number {
  return initialSeats >= finalSeats ? initialSeats : finalSeats;
}

/** In units of 1e-8 seat-seconds, upstream's resolution: equal work there is equal work here. */
export function workOf(seats: number, ms: number): number {
  return Math.round(seats * ms * 1e5);
}

/** As upstream prints it. */
export function workText(work: number): string {
  return `${(work / 1e8).toFixed(8)}ss`;
}
