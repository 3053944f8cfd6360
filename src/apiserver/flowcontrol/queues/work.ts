/** How much work a request is: the seats it takes while it is answered, and those its watch events take afterwards. */

export interface Work {
  readonly initialSeats: number;
  readonly finalSeats: number;
  /** How long the seats stay taken after the answer, which does not wait for it. */
  readonly additionalLatencyMs: number;
}

export const oneSeat: Work = { initialSeats: 1, finalSeats: 0, additionalLatencyMs: 0 };

/** Taken from the start to the end of the additional latency. */
export function seatsMax({ initialSeats, finalSeats }: Work): number {
  return initialSeats >= finalSeats ? initialSeats : finalSeats;
}

/** In hundred-millionths of a seat-second, upstream's resolution: what is equal there is equal here. */
export function workOf(seats: number, ms: number): number {
  return Math.round(seats * ms * 1e5);
}

/** As upstream prints it. */
export function workText(work: number): string {
  return `${(work / 1e8).toFixed(8)}ss`;
}
