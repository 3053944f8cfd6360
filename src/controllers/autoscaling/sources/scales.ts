/** Reads the scale subresource of any resource that has one, custom resources and those of other API servers too. */

import type { CrossVersionObjectReference } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type ResourceType, resourcePath } from '#api/meta/resource.ts';
import type { TargetSize } from '../decide/decide.ts';
import { type Fields, fieldsOf, textOf } from './decode.ts';
import type { KindResources } from './kind-resources.ts';
import type { Requests } from './requests.ts';

export interface TargetScale extends TargetSize {
  readonly path: string;
  /** As the server returned it, to be written back. */
  readonly object: Stored & Fields;
  /** Of the target's pods; empty if it has none. */
  readonly selector: string;
}

export class Scales {
  readonly #requests: Requests;
  readonly #kinds: KindResources;

  constructor(requests: Requests, kinds: KindResources) {
    this.#requests = requests;
    this.#kinds = kinds;
  }

  /** Throws with upstream's text. */
  async read(namespace: string, target: CrossVersionObjectReference): Promise<TargetScale> {
    const resources = await this.#kinds.of(groupOf(target.apiVersion ?? ''), target.kind);
    let first: unknown;
    for (const resource of resources) {
      try {
        return await this.#of(resource, namespace, target.name);
      } catch (error) {
        first ??= error;
      }
    }
    throw first;
  }

  async #of(type: ResourceType, namespace: string, name: string): Promise<TargetScale> {
    const path = resourcePath(type, { namespace, name, subresource: 'scale' });
    const subject = { group: type.group, resource: type.resource, name };
    return scaleOf(await this.#requests.get(path, subject), path);
  }
}

/** Throws upstream's error. */
function groupOf(apiVersion: string): string {
  const parts = apiVersion.split('/');
  if (parts.length > 2) throw new TargetError(`unexpected GroupVersion string: ${apiVersion}`);
  return parts.length === 2 ? parts[0]! : '';
}

function scaleOf(answer: unknown, path: string): TargetScale {
  const object = fieldsOf(answer, 'scale subresource');
  if (object['kind'] !== 'Scale') {
    throw new Error(
      `received an object from a /scale endpoint which was not convertible to autoscaling Scale: kind ${JSON.stringify(object['kind'] ?? '')}`,
    );
  }
  const spec = fieldsOf(object['spec'] ?? {}, 'scale subresource');
  const status = fieldsOf(object['status'] ?? {}, 'scale subresource');
  return {
    path,
    object: object as Stored & Fields,
    specReplicas: countOf(spec['replicas']),
    statusReplicas: countOf(status['replicas']),
    selector: textOf(status['selector']),
  };
}

function countOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  throw new Error(`json: cannot unmarshal ${JSON.stringify(value)} into a number of replicas`);
}

/** The autoscaler names its target by what cannot be. */
export class TargetError extends Error {
  override name = 'TargetError';
}
