/** Reads the object that a request to a special resource carries, and answers with one. */

import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import { badRequest } from '#api/meta/status.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { HandlerContext, HandlerWrite } from '../contract/special-handler.ts';
import { dryRunOf } from '../verbs/write-params.ts';

const kinds = {
  Binding: { group: '', version: 'v1' },
  Eviction: { group: 'policy', version: 'v1' },
  TokenRequest: { group: 'authentication.k8s.io', version: 'v1' },
  TokenReview: { group: 'authentication.k8s.io', version: 'v1' },
  SelfSubjectReview: { group: 'authentication.k8s.io', version: 'v1' },
  SubjectAccessReview: { group: 'authorization.k8s.io', version: 'v1' },
  LocalSubjectAccessReview: { group: 'authorization.k8s.io', version: 'v1' },
  SelfSubjectAccessReview: { group: 'authorization.k8s.io', version: 'v1' },
  SelfSubjectRulesReview: { group: 'authorization.k8s.io', version: 'v1' },
} as const;

export type SpecialKind = keyof typeof kinds;

const systemFields = [
  'uid',
  'selfLink',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** The body as an object of `kind`; throws 406 for a caller that takes only tables, which these kinds lack. */
export function bodyOf<T extends KubeObject>(context: HandlerContext, kind: SpecialKind): T {
  context.checkAccept({ tables: false });
  return context.readBody({ ...kinds[kind], kind }) as KubeObject as T;
}

/** The Status with which bindings and evictions are answered. */
export function success(context: HandlerContext): ApiResponse {
  const code = 201;
  return context.answer(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code });
}

/** Throws 422 for what is neither nothing nor `All`: no write happens by mistake. */
export function isDryRun(context: HandlerContext): boolean {
  return dryRunOf(context.info.query.getAll('dryRun').filter(Boolean), 'CreateOptions');
}

/**
 * A review on its way through the write chain, with which it is answered: nothing depends on its name. System metadata is
 * removed first, as upstream removes it from every object that is created.
 */
export function reviewStep(
  context: HandlerContext,
  object: KubeObject,
  check: () => void = () => {},
): HandlerWrite {
  if (object.metadata) for (const field of systemFields) delete object.metadata[field];
  const name = object.metadata?.name ?? '';
  return {
    operation: 'CREATE',
    name,
    object: object as KubeObject & AnyObject,
    dryRun: isDryRun(context),
    isAnswered: true,
    check,
  };
}

/** What is done to a connection cannot be tried. */
export function refuseDryRun({ info }: HandlerContext): void {
  if (info.query.has('dryRun')) throw badRequest('dryRun is not supported');
}

/** For a connection that was to be taken over but came as a plain request. */
export function upgradeRequired(): Error {
  return badRequest('Upgrade request required');
}
