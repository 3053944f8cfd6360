/** A counter without labels, which is shown from the start, as upstream's are. */

import type { Metric, Reading } from './metric.ts';

export class PlainCounter implements Metric {
  readonly type = 'counter';
  readonly name: string;
  readonly help: string;
  value = 0;

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  *readings(): Iterable<Reading> {
    yield [{}, this.value];
  }
}
