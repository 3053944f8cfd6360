/** A definition whose objects a webhook converts between v1 and v2; the webhook is a server of the test itself. */

import type { AnyObject } from '#api/meta/object.ts';
import { resourceType } from '#api/meta/resource.ts';
import { startTestWebhook } from '#testing/server/webhook-server.ts';
import type { BehaviourContext } from '../behaviour.ts';
import { type CustomType, definitionOf, establishDefinition, servedVersion } from './definitions.ts';

interface Review {
  apiVersion: string;
  kind: string;
  request: { uid: string; desiredAPIVersion: string; objects: AnyObject[] };
}

/** v1 has `hostPort`, v2 has `host` and `port`. */
function converted(object: AnyObject, apiVersion: string): AnyObject {
  const { hostPort = '', host, port, ...rest } = object as AnyObject & Record<string, string>;
  const [first, second] = hostPort.split(':');
  const isV2 = apiVersion.endsWith('/v2');
  return { ...rest, apiVersion, ...(isV2 ? { host: first, port: second } : { hostPort: `${host}:${port}` }) };
}

/** `versions`: v1 and v2; default with whatever fields. */
export async function establishConverted(
  context: BehaviourContext,
  versions = [servedVersion('v1'), servedVersion('v2')],
): Promise<CustomType> {
  const webhook = await startTestWebhook(({ body }) => {
    const { apiVersion, kind, request } = JSON.parse(body) as Review;
    const convertedObjects = request.objects.map((object) => converted(object, request.desiredAPIVersion));
    return {
      apiVersion,
      kind,
      response: { uid: request.uid, result: { status: 'Success' }, convertedObjects },
    };
  });
  context.after(async () => webhook[Symbol.asyncDispose]());
  const definition = definitionOf(context, versions);
  definition.spec.conversion = {
    strategy: 'Webhook',
    webhook: {
      clientConfig: { url: webhook.url, caBundle: webhook.caBundle },
      conversionReviewVersions: ['v1', 'v1beta1'],
    },
  };
  return establishDefinition(context, definition);
}

export const versionsOf = ({ type }: CustomType) => {
  const versionOf = (version: string) =>
    resourceType<AnyObject>(type.group, version, type.resource, type.kind, type.namespaced);
  return [versionOf('v1'), versionOf('v2')] as const;
};
