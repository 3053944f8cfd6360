/** The answer of a conversion webhook for a definition whose v1 has `hostPort`, and whose v2 has `host` and `port`. */

import type { AnyObject } from '#api/meta/object.ts';

interface ConversionReview {
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: AnyObject[];
  };
}

/** Objects with the name `refused` are not converted: the whole review fails. */
export function convertHostPorts(body: string) {
  const { uid, desiredAPIVersion, objects } = (JSON.parse(body) as ConversionReview).request;
  const isRefused = objects.some(({ metadata }) => metadata?.name === 'refused');
  const result = isRefused ? { status: 'Failure', message: 'not this one' } : { status: 'Success' };
  const convertedObjects = objects.map((object) => converted(object, desiredAPIVersion));
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'ConversionReview',
    response: { uid, result, convertedObjects },
  };
}

function converted(object: AnyObject, apiVersion: string): AnyObject {
  const { hostPort, host, port } = object['spec'] as Record<string, string>;
  const [first, second] = (hostPort ?? '').split(':');
  const spec = apiVersion.endsWith('v2') ? { host: first, port: second } : { hostPort: `${host}:${port}` };
  return { ...object, apiVersion, spec };
}
