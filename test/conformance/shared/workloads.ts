/** Workloads that behaviours act on, and how they are reached and changed. */

import type { PodSpec, PodTemplateSpec } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client, ObjectKey } from '#client/client.ts';
import { type BehaviourContext, images } from '../behaviour.ts';

export type Labels = Record<string, string>;

/** An image that does not exist; a simulated node cannot pull it either. */
export const absentImage = 'kybern.test/simulated/absent:404';

/** nginx on port 80, gone at once when deleted. */
export function nginxPod(image = images.nginx): PodSpec {
  return {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'web', image, ports: [{ containerPort: 80 }] }],
  };
}

/** Answers HTTP on port 9376 with the pod's own name. */
export function namingPod(): PodSpec {
  const script = 'mkdir /srv && hostname > /srv/index.html && exec httpd -f -p 9376 -h /srv';
  return {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'naming',
        image: images.busybox,
        command: ['sh', '-c', script],
        ports: [{ containerPort: 9376 }],
      },
    ],
  };
}

export function template(labels: Labels, spec: PodSpec = nginxPod()): PodTemplateSpec {
  return { metadata: { labels }, spec };
}

/** Reads, edits and writes back until there is no conflict. */
export async function change<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  key: ObjectKey,
  edit: (object: Stored<T>) => void,
  subresource?: string,
): Promise<Stored<T>> {
  for (let attempt = 1; ; attempt++) {
    const object = await client.get(type, key);
    edit(object);
    try {
      return await client.update<T>(type, object, subresource ? { subresource } : {});
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 409) || attempt === 20) throw error;
    }
  }
}

/** True when the object is not there. */
export async function isGone(client: Client, type: ResourceType, key: ObjectKey): Promise<boolean> {
  try {
    await client.get(type, key);
    return false;
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return true;
    throw error;
  }
}

/** The failure that a request must end with. */
export async function refusal(request: Promise<unknown>): Promise<StatusError> {
  try {
    await request;
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('the request was not refused');
}

/** What a pod answers to an HTTP GET sent through the API server. */
export function askPod(context: BehaviourContext, pod: string, port: number, path = '/'): Promise<string> {
  return context.kubectl(
    'get',
    '--raw',
    `/api/v1/namespaces/${context.namespace}/pods/${pod}:${port}/proxy${path}`,
  );
}

/** The same of a service. */
export function askService(
  context: BehaviourContext,
  service: string,
  port: number,
  path = '/',
): Promise<string> {
  return context.kubectl(
    'get',
    '--raw',
    `/api/v1/namespaces/${context.namespace}/services/${service}:${port}/proxy${path}`,
  );
}
