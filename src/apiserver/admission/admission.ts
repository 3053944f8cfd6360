/**
 * The one door to the admission plugins. Which of them meet a request is worked out once for each served
 * resource, operation and subresource.
 *
 * The plugins read from the server's cache, which is full before the first request is answered: none of them
 * has to refuse with upstream's "not yet ready to handle request".
 */

import type { Clock } from '#base/clock.ts';
import { inOrder } from '#base/in-order.ts';
import type { AdmissionAttributes, AdmissionDoor, AdmissionPlugin } from '../contract/admission.ts';
import { type AdmissionKey, ByRequest } from './by-request.ts';
import { matchedResource } from './match.ts';
import type { AdmissionMetrics, Phase } from './timing/admission-metrics.ts';
import { TimedSteps } from './timing/timed-steps.ts';

type Run = (attributes: AdmissionAttributes) => Promise<void> | undefined;

interface Meeting {
  readonly mutate: Run;
  readonly validate: Run;
}

/** Where the time that plugins take is reported. */
export interface AdmissionTiming {
  readonly clock: Clock;
  readonly metrics: AdmissionMetrics;
}

export class Admission implements AdmissionDoor {
  readonly #plugins: AdmissionPlugin[] = [];
  readonly #meetings = new ByRequest<Meeting>((key) => this.#workOut(key));
  #timing: AdmissionTiming | undefined;

  /** Before the first request: some plugins write through the storage whose writes they judge. */
  begin(plugins: readonly AdmissionPlugin[], timing?: AdmissionTiming): void {
    this.#plugins.push(...plugins);
    this.#timing = timing;
  }

  mutate(attributes: AdmissionAttributes): Promise<void> | undefined {
    const { mutate } = this.#meetings.of(attributes);
    const running = mutate(attributes);
    return running ? running.then(() => again(mutate, attributes)) : again(mutate, attributes);
  }

  validate(attributes: AdmissionAttributes): Promise<void> | undefined {
    return this.#meetings.of(attributes).validate(attributes);
  }

  #workOut(key: AdmissionKey): Meeting {
    const { type, operation, subresource } = key;
    const met = this.#plugins.filter(({ rules }) => matchedResource(rules, operation, [type], subresource));
    return { mutate: this.#phase(met, key, 'admit'), validate: this.#phase(met, key, 'validate') };
  }

  #phase(met: readonly AdmissionPlugin[], { operation }: AdmissionKey, phase: Phase): Run {
    const method = phase === 'admit' ? 'mutate' : 'validate';
    const plugins = met.filter((plugin) => plugin[method]);
    if (!this.#timing) {
      return (attributes) => inOrder(plugins, (plugin) => plugin[method]!(attributes));
    }
    const { clock, metrics } = this.#timing;
    const steps = plugins.map((plugin) => ({
      durations: metrics.plugin(plugin.name, operation, phase),
      run: (attributes: AdmissionAttributes) => plugin[method]!(attributes),
    }));
    const timed = new TimedSteps(clock, steps, metrics.step(operation, phase));
    return (attributes) => timed.run(attributes);
  }
}

/** Once more at most: plugins that never agree with each other do not keep a request. */
function again(mutate: Run, attributes: AdmissionAttributes): Promise<void> | undefined {
  if (attributes.reinvocation !== 'wanted') return undefined;
  attributes.reinvocation = 'running';
  return mutate(attributes);
}
