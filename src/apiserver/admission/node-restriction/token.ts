/**
 * A kubelet requests tokens for its own pods alone, and for the audiences that such a pod mentions: those of its projected
 * volumes and of the drivers of its CSI volumes. For others it needs the verb request-serviceaccounts-token-audience
 * on the audience. Reads: Pod, PersistentVolumeClaim, PersistentVolume, CSIDriver.
 */

import { csiDrivers, persistentVolumeClaims, persistentVolumes, pods } from '#api/generated/kinds.gen.ts';
import type { BoundObjectReference, Pod, TokenRequest, Volume } from '#api/generated/types.gen.ts';
import { notFound } from '#api/meta/status.ts';
import { claimNameOf } from '#api/volumes/ephemeral.ts';
import { asCsiVolume, inlineCsiVolume } from '#api/volumes/in-tree/translate.ts';
import { errorText } from '#base/text/error-text.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';
import { type Check, refuse } from './check.ts';

export function tokenCheck(authorizer: Authorizer): Check {
  return async (reader, node, attributes) => {
    const spec = (attributes.object as TokenRequest | undefined)?.spec;
    const pod = podOf(reader, node, attributes, spec?.boundObjectRef);
    const problem = await audienceProblem(authorizer, reader, attributes, pod, spec?.audiences ?? []);
    if (problem !== undefined) throw refuse(attributes, problem);
  };
}

/** The pod that the token is bound to. */
function podOf(
  reader: ObjectReader,
  node: string,
  attributes: AdmissionAttributes,
  ref: BoundObjectReference | undefined,
): Pod {
  if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) {
    throw refuse(attributes, 'node requested token not bound to a pod');
  }
  if (!ref.uid) throw refuse(attributes, 'node requested token with a pod binding without a uid');
  const pod = readObject(reader, pods, attributes.namespace, ref.name);
  if (!pod) throw notFound(pods, ref.name);
  if (pod.metadata?.uid !== ref.uid) {
    throw refuse(
      attributes,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (pod.spec?.nodeName !== node) {
    throw refuse(attributes, 'node requested token bound to a pod scheduled on a different node');
  }
  return pod;
}

async function audienceProblem(
  authorizer: Authorizer,
  reader: ObjectReader,
  attributes: AdmissionAttributes,
  pod: Pod,
  audiences: readonly string[],
): Promise<string | undefined> {
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences';
  const [audience = ''] = audiences;
  const { isMentioned, problems } = mentions(reader, pod, audience);
  if (isMentioned) return undefined;
  const quoted = JSON.stringify(audience);
  if (problems.length > 0) {
    const all = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
    return `error validating audience ${quoted}: ${all}`;
  }
  const { user } = attributes;
  const { decision, error } = await mayRequest(authorizer, attributes, audience);
  if (decision === 'allow') return undefined;
  return error === undefined
    ? `audience ${quoted} not found in pod spec volume, ${user.name} is not authorized to request tokens for this audience`
    : `audience ${quoted} not found in pod spec volume, error authorizing ${user.name} to request tokens for this audience: ${error}`;
}

/** The audience is the resource of this question, and the ServiceAccount its name. */
function mayRequest(
  authorizer: Authorizer,
  { user, namespace, name }: AdmissionAttributes,
  audience: string,
) {
  return authorizer.authorize({
    user,
    verb: 'request-serviceaccounts-token-audience',
    isResource: true,
    path: '',
    group: '',
    version: 'v1',
    resource: audience,
    subresource: '',
    namespace,
    name,
  });
}

/** `problems`: of volumes whose drivers are not known. */
function mentions(reader: ObjectReader, pod: Pod, audience: string) {
  const problems: string[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const tokens = (volume.projected?.sources ?? []).flatMap((source) => source.serviceAccountToken ?? []);
    if (tokens.some((token) => (token.audience ?? '') === audience)) return { isMentioned: true, problems };
    try {
      const driver = driverOf(reader, pod, volume);
      if (driver && driverWants(reader, driver, audience)) return { isMentioned: true, problems };
    } catch (error) {
      problems.push(errorText(error));
    }
  }
  return { isMentioned: false, problems };
}

/** The CSI driver of a volume: inline, or that of its claim's volume; of a cloud's disk, the driver that acts for it. */
function driverOf(reader: ObjectReader, { metadata }: Pod, volume: Volume): string | undefined {
  const claimName = claimNameOf(metadata?.name ?? '', volume);
  const namespace = metadata?.namespace ?? '';
  if (claimName === undefined) return (volume.csi ?? inlineCsiVolume(volume, namespace)?.spec.csi)?.driver;
  const claim = readObject(reader, persistentVolumeClaims, namespace, claimName);
  if (!claim) throw new Error(`persistentvolumeclaim ${JSON.stringify(claimName)} not found`);
  const volumeName = claim.spec?.volumeName ?? '';
  const found = readObject(reader, persistentVolumes, '', volumeName);
  if (!found) throw new Error(`persistentvolume ${JSON.stringify(volumeName)} not found`);
  return asCsiVolume(found).spec?.csi?.driver;
}

function driverWants(reader: ObjectReader, name: string, audience: string): boolean {
  const driver = readObject(reader, csiDrivers, '', name);
  if (!driver) throw new Error(`csidriver.storage.k8s.io ${JSON.stringify(name)} not found`);
  return (driver.spec.tokenRequests ?? []).some((request) => request.audience === audience);
}
