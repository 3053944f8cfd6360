/**
 * `serviceaccounts/token`: signs a token for a ServiceAccount, bound to a pod, secret or node if the request
 * names one.
 */

import { nodes, pods, secrets, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Pod, TokenRequest } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { badRequest, conflict, invalid } from '#api/meta/status.ts';
import { type FieldError, invalidValue } from '#api/validation/field-error.ts';
import { rfc3339 } from '#base/clock.ts';
import { ownValue } from '#base/own-value.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type {
  BoundObject,
  KubernetesClaims,
  ServiceAccountTokens,
} from '../../authn/service-account-tokens.ts';
import type { HandlerContext, SpecialHandler } from '../../contract/special-handler.ts';
import { readObject } from '../../contract/typed-reader.ts';
import { bodyOf, isDryRun } from '../body.ts';

const defaultSeconds = 3600;
const minSeconds = 600;
const maxSeconds = 2 ** 32;
/**
 * A pod's token for the API server lives a year although it is replaced every hour: clients that read it only
 * once go on working, and are found by `warnafter`. Upstream: service-account-extend-token-expiration.
 */
const extendedFromSeconds = 3607;
const extendedSeconds = 365 * 24 * 3600;

const tokenRequestKind = { group: 'authentication.k8s.io', kind: 'TokenRequest' };

const bindable: Readonly<Record<string, ResourceType>> = { Pod: pods, Secret: secrets, Node: nodes };

export interface TokenRequestOptions {
  /** A pod's token for the API server lives a year. Default true. */
  readonly extendsLife?: boolean;
  /** The longest life of any other token. Default: as requested. */
  readonly secondsMax?: number;
}

export function tokenRequestHandler(
  tokens: ServiceAccountTokens,
  options: TokenRequestOptions = {},
): SpecialHandler {
  return {
    group: '',
    resource: 'serviceaccounts',
    subresource: 'token',
    verbs: ['create'],
    handle: (context) => issue(tokens, options, context),
  };
}

async function issue(
  tokens: ServiceAccountTokens,
  options: TokenRequestOptions,
  context: HandlerContext,
): Promise<ApiResponse> {
  const { info, serverClient } = context;
  const request = bodyOf<TokenRequest>(context, 'TokenRequest');
  checkName(request, info.name);
  const account = await serverClient.get(serviceAccounts, info.namespace, info.name);
  checkUid(request, account);
  const object = request as TokenRequest & AnyObject;
  const check = () => validate(request.spec?.expirationSeconds ?? defaultSeconds);
  return context.write(
    { operation: 'CREATE', name: info.name, object, dryRun: isDryRun(context), check },
    () => sign(tokens, options, context, request, account),
  );
}

async function sign(
  tokens: ServiceAccountTokens,
  { extendsLife = true, secondsMax = Number.POSITIVE_INFINITY }: TokenRequestOptions,
  context: HandlerContext,
  request: TokenRequest,
  account: AnyObject,
): Promise<ApiResponse> {
  const { info } = context;
  const spec = { ...request.spec };
  const audiences = spec.audiences?.length ? spec.audiences : [...tokens.apiAudiences];
  const wantedSeconds = spec.expirationSeconds ?? defaultSeconds;
  const expirationSeconds = Math.min(wantedSeconds, secondsMax);
  if (expirationSeconds < wantedSeconds) {
    context.warn(
      `requested expiration of ${wantedSeconds} seconds shortened to ${expirationSeconds} seconds`,
    );
  }
  const bound = await boundClaims(context, request);
  const nowMs = context.env.clock.now();
  const extend =
    extendsLife && bound.pod && expirationSeconds === extendedFromSeconds && isForApi(audiences, tokens);
  const claims: KubernetesClaims = {
    namespace: info.namespace,
    serviceaccount: { name: info.name, uid: account.metadata?.uid ?? '' },
    ...bound,
    ...(extend ? { warnafter: Math.floor(nowMs / 1000) + expirationSeconds } : {}),
  };
  const lifeMs = (extend ? extendedSeconds : expirationSeconds) * 1000;
  const token = await tokens.sign(claims, { audiences, lifeMs, issuedAtMs: nowMs });
  return context.answer(201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {
      ...request.metadata,
      name: info.name,
      namespace: info.namespace,
      uid: account.metadata?.uid,
      creationTimestamp: rfc3339(nowMs),
    },
    spec: { ...spec, audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token, expirationTimestamp: rfc3339(nowMs + expirationSeconds * 1000) },
  });
}

function checkName({ metadata }: TokenRequest, name: string): void {
  if (!metadata?.name || metadata.name === name) return;
  const text = 'must match the service account name if specified';
  throw invalid(tokenRequestKind, name, [invalidValue('metadata.name', metadata.name, text)]);
}

function checkUid({ metadata }: TokenRequest, account: AnyObject): void {
  const uid = account.metadata?.uid ?? '';
  if (!metadata?.uid || metadata.uid === uid) return;
  const why = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`;
  throw conflict({ ...tokenRequestKind, resource: 'TokenRequest' }, account.metadata?.name ?? '', why);
}

function isForApi(audiences: readonly string[], tokens: ServiceAccountTokens): boolean {
  return audiences.every((audience) => tokens.apiAudiences.includes(audience));
}

function validate(expirationSeconds: number): void {
  const field = 'spec.expirationSeconds';
  const errors: FieldError[] = [];
  if (expirationSeconds < minSeconds) {
    errors.push(invalidValue(field, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  }
  if (expirationSeconds > maxSeconds) {
    errors.push(
      invalidValue(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'),
    );
  }
  if (errors.length > 0) throw invalid(tokenRequestKind, '', errors);
}

async function boundClaims(
  context: HandlerContext,
  request: TokenRequest,
): Promise<Pick<KubernetesClaims, 'pod' | 'secret' | 'node'>> {
  const ref = request.spec?.boundObjectRef;
  if (!ref) return {};
  const { kind = '', apiVersion = '', name = '', uid } = ref;
  const slash = apiVersion.indexOf('/');
  const [group, version] = [apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1)];
  const type = group === '' ? ownValue(bindable, kind) : undefined;
  if (!type) throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  const { namespace, name: account } = context.info;
  const object = await context.serverClient.get(type, type.namespaced ? namespace : '', name);
  const bound: BoundObject = { name, uid: object.metadata?.uid ?? '' };
  const node = kind === 'Pod' ? nodeOfPod(context, object as Pod, account) : {};
  if (uid && uid !== bound.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group, resource: kind }, name, why);
  }
  if (kind === 'Secret') return { secret: bound };
  if (kind === 'Node') return { node: bound };
  return { pod: bound, ...node };
}

function nodeOfPod(context: HandlerContext, pod: Pod, account: string): { node?: BoundObject } {
  if (pod.spec?.serviceAccountName !== account) {
    const running = `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`;
    throw badRequest(running);
  }
  const nodeName = pod.spec?.nodeName;
  const node = nodeName ? readObject(context.reader, nodes, '', nodeName) : undefined;
  return node ? { node: { name: nodeName!, uid: node.metadata?.uid ?? '' } } : {};
}
