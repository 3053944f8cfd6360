/** Average, standard deviation and extremes of a number over time. */

export interface Moments {
  readonly durationSeconds: number;
  readonly average: number;
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
}

export class Integrator {
  #sinceMs: number;
  #value = 0;
  #seconds = 0;
  #sum = 0;
  #squares = 0;
  #min = 0;
  #max = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  set(value: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#value = value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** Returns the moments since the last reset. */
  reset(nowMs: number): Moments {
    this.#advance(nowMs);
    const average = this.#sum / this.#seconds;
    const deviation = Math.sqrt(this.#squares / this.#seconds - average * average);
    const moments = { durationSeconds: this.#seconds, average, deviation, min: this.#min, max: this.#max };
    this.#seconds = this.#sum = this.#squares = 0;
    this.#min = this.#max = this.#value;
    return moments;
  }

  #advance(nowMs: number): void {
    const seconds = (nowMs - this.#sinceMs) / 1000;
    this.#sinceMs = nowMs;
    this.#seconds += seconds;
    this.#sum += this.#value * seconds;
    this.#squares += this.#value * this.#value * seconds;
  }
}
