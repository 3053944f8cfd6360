/**
 * The one door to the admission plugins. Which of them meet a request is worked out once for each served
 * resource, operation and subresource.
 *
 * The plugins read from the server's cache, which is full before the first request is answered: none of them
 * has to refuse with upstream's "not yet ready to handle request".
 */

import { inOrder } from '#base/in-order.ts';
import type { AdmissionAttributes, AdmissionDoor, AdmissionPlugin } from '../contract/admission.ts';
import { type AdmissionKey, ByRequest } from './by-request.ts';
import { matchedResource } from './match.ts';

interface Meeting {
  readonly mutating: readonly AdmissionPlugin[];
  readonly validating: readonly AdmissionPlugin[];
}

export class Admission implements AdmissionDoor {
  readonly #plugins: AdmissionPlugin[] = [];
  readonly #meetings = new ByRequest<Meeting>((key) => this.#workOut(key));

  /** Before the first request: some plugins write through the storage whose writes they judge. */
  begin(plugins: readonly AdmissionPlugin[]): void {
    this.#plugins.push(...plugins);
  }

  mutate(attributes: AdmissionAttributes): Promise<void> | undefined {
    const { mutating } = this.#meetings.of(attributes);
    const running = mutateInOrder(mutating, attributes);
    return running ? running.then(() => again(mutating, attributes)) : again(mutating, attributes);
  }

  validate(attributes: AdmissionAttributes): Promise<void> | undefined {
    return inOrder(this.#meetings.of(attributes).validating, (plugin) => plugin.validate!(attributes));
  }

  #workOut({ type, operation, subresource }: AdmissionKey): Meeting {
    const met = this.#plugins.filter(({ rules }) => matchedResource(rules, operation, [type], subresource));
    return {
      mutating: met.filter(({ mutate }) => mutate),
      validating: met.filter(({ validate }) => validate),
    };
  }
}

function mutateInOrder(
  plugins: readonly AdmissionPlugin[],
  attributes: AdmissionAttributes,
): Promise<void> | undefined {
  return inOrder(plugins, (plugin) => plugin.mutate!(attributes));
}

/** Once more at most: plugins that never agree with each other do not keep a request. */
function again(
  plugins: readonly AdmissionPlugin[],
  attributes: AdmissionAttributes,
): Promise<void> | undefined {
  if (attributes.reinvocation !== 'wanted') return undefined;
  attributes.reinvocation = 'running';
  return mutateInOrder(plugins, attributes);
}
