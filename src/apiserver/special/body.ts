/** Reads the object that a request to a special resource carries, and answers with one. */

import { loadSchema } from '#api/load-schema.ts';
import type { KubeObject } from '#api/object.ts';
import { badRequest, failure, unsupportedMediaType } from '#api/status.ts';
import type { ApiResponse } from '#client/transport.ts';
import { parseOneYaml } from '#wire/yaml.ts';
import type { HandlerContext } from '../contract.ts';
import { readBuiltIn } from '../decode/protobuf.ts';
import { jsonResponse } from '../encode/json-response.ts';

/** The body as an object of `kind`; throws 400 for another kind or no object at all. */
export function bodyOf<T extends KubeObject>(context: HandlerContext, kind: string): T {
  const object = decode(context);
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw badRequest(`the body of the request is not a ${kind}`);
  }
  const found = (object as KubeObject).kind;
  if (found !== undefined && found !== kind) {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): found ${found}`);
  }
  return object as T;
}

function decode({ request }: HandlerContext): unknown {
  const text = Buffer.from(request.body ?? []).toString();
  const mediaType = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim();
  if (mediaType === 'application/yaml') return parseOneYaml(text);
  if (mediaType === 'application/vnd.kubernetes.protobuf') return readBuiltIn(loadSchema(), request.body!);
  if (mediaType !== 'application/json' && mediaType !== '*/*') {
    throw unsupportedMediaType(
      'the body of the request was in an unknown format - accepted media types include: ' +
        'application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
}

export function created(object: unknown): ApiResponse {
  return jsonResponse(201, object);
}

/** The Status with which bindings and evictions are answered. */
export function success(code = 201): ApiResponse {
  return jsonResponse(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code });
}

export function isDryRun(context: HandlerContext): boolean {
  return context.info.query.getAll('dryRun').includes('All');
}

/** For a connection that was to be taken over but came as a plain request. */
export function upgradeRequired(): Error {
  return failure(400, 'BadRequest', 'Upgrade request required');
}
